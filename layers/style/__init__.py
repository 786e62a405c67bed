"""Code that layers share: colours, class breaks, measures, legends and wording."""
