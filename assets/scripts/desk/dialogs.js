/** Dialogs over the page. Their keys are theirs alone, and Escape closes them at once: the focus is back before the next key comes. */

/**
 * Open a dialog.
 *
 * @param {HTMLDialogElement} dialog
 * @param {(event: KeyboardEvent) => void} [pressed] What other keys do in it.
 */
export function openDialog(dialog, pressed) {
  dialog.onkeydown = (event) => {
    // A button of a dialog that is closed keeps the focus until the page is drawn anew: its keys are the page's again.
    if (!dialog.open) return;
    event.stopPropagation();
    if (event.key !== 'Escape') return pressed?.(event);
    event.preventDefault();
    dialog.close();
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && dialog.contains(activeElement)) activeElement.blur();
  };
  dialog.showModal();
}
