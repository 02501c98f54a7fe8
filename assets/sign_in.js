/* Signing in without leaving the form: what was typed stays, and what was wrong stands under its field. Without this
   script the form is sent as forms are. */
(() => {
  for (const form of document.querySelectorAll("form[action$='/sign-in']")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, event.submitter ?? form.querySelector(".enter"));
    });
  }

  async function send(form, button) {
    busy(button, true);
    const said = await answer(form, button.getAttribute("formaction") ?? form.action);
    if (said.next) return location.assign(said.next);
    busy(button, false);
    tell(form, said);
    if (said.done) button.focus(); // which it lost while it was disabled
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
    if (button.matches(".enter")) button.textContent = is ? "Signing in…" : "Sign in";
  }

  function tell(form, { error, done }) {
    const [email, password] = [form.querySelector("[name=email]"), form.querySelector("[name=password]")];
    const problem = form.querySelector(".err");
    problem.lastElementChild.textContent = error ?? "";
    problem.hidden = !error;
    form.querySelector(".done").textContent = done ?? "";
    form.querySelector(".done").hidden = !done;
    password.closest(".ask").classList.toggle("wrong", Boolean(error));
    password.setAttribute("aria-invalid", String(Boolean(error)));
    if (error) (email && !email.value ? email : password).focus();
  }

  /* The sentence is read out once, not with each second of it. */
  function pause(form, button, seconds) {
    const until = Date.now() + seconds * 1_000;
    const words = form.querySelector(".err").lastElementChild;
    const time = document.createElement("span");
    time.ariaLive = "off";
    words.replaceChildren("Too many tries. You can try again in ", time, ".");
    button.disabled = true;
    const timer = setInterval(tick, 1_000);
    tick();

    function tick() {
      const left = Math.max(0, Math.ceil((until - Date.now()) / 1_000));
      time.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
      if (left) return;
      clearInterval(timer);
      button.disabled = false;
      words.textContent = "You can try again now.";
    }
  }
})();
