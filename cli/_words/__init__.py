"""The catalogues of sentences, for `./gridwell words` and its tests."""
