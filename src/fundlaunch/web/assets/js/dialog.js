// A form that names a dialog asks before it is sent. Without this script the form is sent as it is.
{
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const dialog = document.getElementById(form.dataset.confirm || "");
    if (!dialog || form.dataset.confirmed) return;
    event.preventDefault();
    const asking = event.submitter;
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "yes";
      form.requestSubmit(asking);
    }, { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
}
