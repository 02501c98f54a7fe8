/* Signing in without leaving the form: what was typed stays, and what was wrong stands under its field. Without this
   script the form is sent as forms are. */
(() => {
  for (const form of document.querySelectorAll("form[action$='/sign-in']")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, event.submitter?.formAction || form.action);
    });
  }

  async function send(form, action) {
    const button = form.querySelector(".enter");
    busy(button, true);
    const said = await answer(form, action);
    if (said.next) return location.assign(said.next);
    busy(button, false);
    tell(form, said);
    if (said.wait) pause(form, button, said.wait);
  }

  async function answer(form, action) {
    const headers = { Accept: "application/json" };
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(action, { method: "POST", headers, body });
      return await answer.json();
    } catch {
      return { error: "No answer from usage-dash. Try again." };
    }
  }

  /* The button keeps its width. */
  function busy(button, is) {
    button.style.minWidth = is ? `${button.offsetWidth}px` : "";
    button.disabled = is;
    button.textContent = is ? "Signing in…" : "Sign in";
  }

  function tell(form, { error, done }) {
    const field = form.querySelector("[name=password]");
    const [problem, words] = [form.querySelector(".err"), form.querySelector(".err span:last-child")];
    words.textContent = error ?? "";
    problem.hidden = !error;
    form.querySelector(".done").textContent = done ?? "";
    form.querySelector(".done").hidden = !done;
    field.parentElement.classList.toggle("wrong", Boolean(error));
    field.toggleAttribute("aria-invalid", Boolean(error));
    if (error) field.focus();
  }

  function pause(form, button, seconds) {
    const until = Date.now() + seconds * 1000;
    const words = form.querySelector(".err span:last-child");
    button.disabled = true;
    const timer = setInterval(() => {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      words.textContent = left ? `Too many tries. You can try again in ${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}.` : "You can try again now.";
      button.disabled = left > 0;
      if (!left) clearInterval(timer);
    }, 1000);
  }
})();
