/* The calendar: two months, drawn here, since months change without a question to the server. Days are reporting days:
   today is the server's, and all reckoning is by dates alone. Which days there are, and are shown, is said by the button that opens it. */
(() => {
  const page = window.usageDash;
  const DAY = 86_400_000; // milliseconds
  const WEEK = 7; // days

  const dateOf = (text) => new Date(`${text}T00:00:00Z`);
  const textOf = (date) => date.toISOString().slice(0, 10);
  const later = (text, days) => textOf(new Date(dateOf(text).getTime() + days * DAY));
  const monthOf = (text) => text.slice(0, 7);
  const weekday = (text) => (dateOf(text).getUTCDay() + 6) % WEEK; // from Monday
  const length = (first, last) => (dateOf(last) - dateOf(first)) / DAY + 1;
  const bounded = (text, least, most) => (text < least ? least : text > most ? most : text);

  function monthAway(month, by) {
    const [year, number] = month.split("-").map(Number);
    return monthOf(textOf(new Date(Date.UTC(year, number - 1 + by, 1))));
  }

  function lastOf(month) {
    return later(`${monthAway(month, 1)}-01`, -1);
  }

  /* The same day of another month, or its last. */
  function dayIn(month, text) {
    const last = lastOf(month);
    return text.slice(8) > last.slice(8) ? last : `${month}-${text.slice(8)}`;
  }

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }

  function preset([name, change]) {
    const button = element("button", { type: "button", textContent: name });
    button.dataset.set = JSON.stringify(change);
    button.dataset.closesPopover = "";
    return button;
  }

  function below(opener) {
    return opener.parentElement.getBoundingClientRect().bottom + 6;
  }

  page.make("#calendar", (popover) => {
    const calendar = new Calendar(popover);
    popover.addEventListener("opened", () => calendar.open());
  });

  class Calendar {
    #popover;
    #facts; // attributes of what opens it
    #words;
    #first = null; // the days chosen so far; the second is null while one is chosen
    #last = null;
    #month = null; // the later of the two that are shown
    #at = null; // the day that the keyboard is at
    #fields;

    constructor(popover) {
      this.#popover = popover;
      this.#words = JSON.parse(popover.dataset.words);
      this.#fields = ["from", "to"].map((end) => this.#field(end));
      this.#part("months").addEventListener("click", (event) => this.#press(event));
      this.#part("months").addEventListener("keydown", (event) => this.#key(event));
      this.#part("months").addEventListener("mouseover", ({ target }) => this.#mark(target.dataset.day));
      this.#part("show-days").addEventListener("click", () => this.#show());
    }

    open() {
      const opener = document.querySelector("#react-entry-point [aria-controls=calendar]");
      this.#facts = opener.dataset;
      this.#popover.style.top = `${below(opener) - this.#popover.offsetParent.getBoundingClientRect().top}px`;
      this.#part("typed").replaceChildren(this.#fields[0], "–", this.#fields[1]);
      this.#part("presets").replaceChildren(...JSON.parse(this.#facts.ranges).map(preset));
      const { from, to } = this.#facts;
      [this.#first, this.#last] = [from, to];
      this.#goTo(to);
      this.#focus();
    }

    #part(name) {
      return this.#popover.querySelector(`[data-${name}]`);
    }

    get #today() {
      return this.#facts.today;
    }

    get #earliest() {
      return this.#facts.earliest;
    }

    /* A day, within what can be; its month is one of the two shown. */
    #goTo(day) {
      this.#at = bounded(day, this.#earliest, this.#today);
      const month = monthOf(this.#at);
      const isShown = this.#month && (month === this.#month || month === monthAway(this.#month, -1));
      if (!isShown) this.#month = month;
      this.#draw();
    }

    #turn(by) {
      this.#month = monthAway(this.#month, by);
      const nearest = by < 0 ? this.#month : monthAway(this.#month, by > 0 ? 0 : -1);
      this.#at = bounded(dayIn(nearest, this.#at), this.#earliest, this.#today);
      this.#draw();
    }

    #draw() {
      const months = [monthAway(this.#month, -1), this.#month];
      this.#part("months").replaceChildren(...months.map((month) => this.#drawn(month)));
      this.#mark();
      this.#fields[0].value = this.#first ? this.#written(this.#first) : "";
      this.#fields[1].value = this.#last ? this.#written(this.#last) : "";
      this.#tell();
    }

    #drawn(month) {
      const name = this.#named(month);
      const head = element("div", { className: "mon" }, this.#turner("earlier", -1), name, this.#turner("later", 1));
      const days = element("div", { className: "days" }, ...this.#weekdays());
      for (let blank = weekday(`${month}-01`); blank > 0; blank -= 1) days.append(element("span"));
      for (let day = `${month}-01`; monthOf(day) === month; day = later(day, 1)) days.append(this.#day(day));
      const group = element("div", { role: "group", className: "month" }, head, days);
      group.ariaLabel = name;
      return group;
    }

    #turner(word, by) {
      const isPast = by < 0 ? monthAway(this.#month, -1) <= monthOf(this.#earliest) : this.#month >= monthOf(this.#today);
      const icon = element("span", { className: `icon icon-chevron-${by < 0 ? "left" : "right"}`, ariaHidden: "true" });
      const button = element("button", { type: "button", className: `b ${word}`, disabled: isPast, ariaLabel: this.#words[word] }, icon);
      button.dataset.turn = by;
      return button;
    }

    #weekdays() {
      return this.#words.weekdays.map((name) => element("abbr", { title: name, textContent: name.slice(0, 2) }));
    }

    #day(day) {
      const isOut = day > this.#today || day < this.#earliest;
      const button = element("button", { type: "button", textContent: Number(day.slice(8)), disabled: isOut });
      button.ariaLabel = `${this.#words.weekdays[weekday(day)]} ${this.#written(day, true)}`;
      button.tabIndex = day === this.#at ? 0 : -1;
      button.dataset.day = day;
      if (day === this.#today) button.ariaCurrent = "date";
      return button;
    }

    /* The days between the chosen ends; while one is chosen, up to the one that is pointed at. */
    #mark(pointed = null) {
      const ends = [this.#first, this.#last ?? pointed ?? this.#first].sort();
      for (const button of this.#popover.querySelectorAll("[data-day]")) {
        const { day } = button.dataset;
        button.classList.toggle("from", day === ends[0]);
        button.classList.toggle("to", day === ends[1]);
        button.classList.toggle("in", day > ends[0] && day < ends[1]);
        button.ariaPressed = String(day >= ends[0] && day <= ends[1]);
      }
    }

    #press({ target }) {
      const turner = target.closest("[data-turn]");
      const day = target.closest("[data-day]")?.dataset.day;
      if (turner) {
        this.#turn(Number(turner.dataset.turn));
        this.#refocus(turner);
      } else if (day) {
        this.#choose(day);
        this.#focus();
      }
    }

    #choose(day) {
      if (this.#first && !this.#last) [this.#first, this.#last] = [this.#first, day].sort();
      else [this.#first, this.#last] = [day, null];
      this.#goTo(day);
    }

    #key(event) {
      const day = event.target.dataset.day;
      const to = day && this.#step(event.key, day);
      if (!to) return;
      event.preventDefault();
      this.#goTo(to);
      this.#focus();
      this.#mark(this.#at);
    }

    #step(key, day) {
      const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -WEEK, ArrowDown: WEEK, Home: -weekday(day), End: WEEK - 1 - weekday(day) };
      if (key in days) return later(day, days[key]);
      const months = { PageUp: -1, PageDown: 1 };
      return key in months ? dayIn(monthAway(monthOf(day), months[key]), day) : null;
    }

    #focus() {
      this.#popover.querySelector(`[data-day="${this.#at}"]`).focus({ preventScroll: true });
    }

    /* The buttons were drawn anew. */
    #refocus(turner) {
      const like = [...this.#popover.querySelectorAll(`[data-turn="${turner.dataset.turn}"]`)].find((each) => each.getClientRects().length && !each.disabled);
      if (like) like.focus({ preventScroll: true });
      else this.#focus();
    }

    #field(end) {
      const field = element("input", { type: "text", className: "date", autocomplete: "off" });
      field.setAttribute("aria-label", this.#words[end]);
      field.addEventListener("change", () => this.#typed());
      field.addEventListener("keydown", (event) => {
        if (event.key !== "Enter") return;
        this.#typed();
        this.#show();
      });
      return field;
    }

    #typed() {
      const read = this.#fields.map((field) => this.#read(field.value));
      this.#fields.forEach((field, end) => field.setAttribute("aria-invalid", String(read[end] === null)));
      if (read.includes(null)) return this.#say(this.#words.unread, "");
      [this.#first, this.#last] = read.map((day) => bounded(day, this.#earliest, this.#today)).sort();
      this.#goTo(this.#last);
    }

    /* “3 Nov 2026”, “3 november”, or 2026-11-03; null for anything else. */
    #read(text) {
      const [, day, word, year = this.#today.slice(0, 4)] = /^\s*(\d{1,2})\.?\s+(\p{L}{3,})\.?(?:\s+(\d{4}))?\s*$/u.exec(text) ?? [];
      const month = this.#words.months.findIndex((name) => word && name.toLowerCase().startsWith(word.toLowerCase()));
      const said = word ? `${year}-${String(month + 1).padStart(2, "0")}-${day.padStart(2, "0")}` : text.trim();
      const date = dateOf(said);
      return /^\d{4}-\d\d-\d\d$/.test(said) && !Number.isNaN(date.getTime()) && textOf(date) === said ? said : null;
    }

    #written(day, whole = false) {
      const month = this.#words.months[Number(day.slice(5, 7)) - 1];
      return `${Number(day.slice(8))} ${whole ? month : month.slice(0, 3)} ${day.slice(0, 4)}`;
    }

    #named(month) {
      return `${this.#words.months[Number(month.slice(5)) - 1]} ${month.slice(0, 4)}`;
    }

    /* How many days these are, and what they are compared with. */
    #tell() {
      const [first, last] = [this.#first, this.#last ?? this.#first];
      const days = length(first, last);
      const [one, many] = this.#words.days;
      this.#say(`${days === 1 ? one : many.replace("{}", days)}, ${this.#facts.zone}`, this.#before(first, last, days));
    }

    #before(first, last, days) {
      const { compare } = this.#facts;
      if (compare === "none") return "";
      const back = (day) => (compare === "month" ? dayIn(monthAway(monthOf(day), -1), day) : later(day, -days));
      return `vs ${this.#span(back(first), back(last))}`;
    }

    #span(first, last) {
      const [from, to] = [first, last].map((day) => this.#written(day).slice(0, -5));
      const year = last.slice(0, 4) === this.#today.slice(0, 4) ? "" : ` ${last.slice(0, 4)}`;
      return first === last ? to + year : `${monthOf(first) === monthOf(last) ? Number(first.slice(8)) : from} – ${to}${year}`;
    }

    #say(days, before) {
      this.#part("told").replaceChildren(element("span", { textContent: days }), element("small", { textContent: before }));
    }

    #show() {
      if (this.#fields.some((field) => this.#read(field.value) === null && field.value)) return;
      const [from, to] = [this.#first, this.#last ?? this.#first];
      page.popover.closeAndReturn(this.#popover);
      page.set({ range: null, from, to });
    }
  }
})();
