// What of the page is today and tonight by the ward's clock, and whether the page is too old for its doses.
"use strict";
(function () {
  var root = document.documentElement;
  var HOUR = 3600 * 1000;
  var loaded = 0;  // when the page was last fetched; 0 where nobody knows
  var lastAsked = Date.now();
  root.classList.add("checking");  // no dose is shown before it is known how old the page is

  function remembered(name) {
    try { return localStorage.getItem(name); } catch (error) { return null; }
  }
  function remember(name, value) {
    try { localStorage.setItem(name, value); } catch (error) { /* then it holds for this time only */ }
  }
  if (remembered("letters")) { root.dataset.letters = remembered("letters"); }
  if (remembered("dark")) { root.dataset.dark = remembered("dark"); }

  function all(selector, within) { return Array.from((within || document).querySelectorAll(selector)); }
  function made(name, className, text) {
    var element = document.createElement(name);
    if (className) { element.className = className; }
    if (text) { element.textContent = text; }
    return element;
  }

  // --- dates

  var language = root.lang === "en" ? "en-GB" : root.lang;  // the day before the month, as on the rest of the page
  function said(time, options) {
    var text = new Intl.DateTimeFormat(language, options).format(new Date(time));
    return text.charAt(0).toUpperCase() + text.slice(1);
  }
  function wardDate(time) {
    var parts = {};
    new Intl.DateTimeFormat("en-GB", { timeZone: root.dataset.zone, year: "numeric", month: "2-digit", day: "2-digit" })
      .formatToParts(new Date(time))
      .forEach(function (part) { parts[part.type] = part.value; });
    return parts.year + "-" + parts.month + "-" + parts.day;
  }
  function utc(iso) { return Date.parse(iso + "T00:00:00Z"); }
  // The date some days after one, whatever the clocks do between them.
  function after(iso, days) { return new Date(utc(iso) + days * 24 * HOUR).toISOString().slice(0, 10); }

  // --- today and tomorrow

  var days, now;

  // Each time at which a drug is taken today, by itself: "Tonight: dexamethasone, 2 tablets of 4 mg".
  function inParts(list) {
    all("li", list).forEach(function (item) {
      var times = (item.dataset.at || "").split(" ");
      if (item.classList.contains("given")) { return; }
      times.forEach(function (at, index) {
        var row = item.cloneNode(true);
        var hour = Number(at.split(":")[0]);
        var part = at === "morning" || at === "evening" ? at : at && hour >= 17 ? "evening" : at && hour >= 5 && hour < 12 ? "morning" : "home";
        all(at ? ".when, .each" : ".when", row).forEach(function (each) { each.remove(); });
        if (index < times.length - 1) { all(".note", row).forEach(function (each) { each.remove(); }); }
        row.prepend(made("span", "part", now.dataset["part" + part.charAt(0).toUpperCase() + part.slice(1)]), " ", at.indexOf(":") > 0 ? at + " " : "");
        row.dataset.at = at;
        list.insertBefore(row, item);
      });
      item.remove();
    });
  }

  function card(iso, name, today) {
    var found = days.find(function (day) { return day.dataset.date === iso; });
    var box = made("section", today ? "card today" : "card");
    var title = made("h2", "", name);
    title.append(" ", made("span", "", said(utc(iso), { timeZone: "UTC", weekday: "long", day: "numeric", month: "long" })));
    box.append(title);
    if (!found) {
      box.append(made("p", "", iso > root.dataset.last ? now.dataset.over : now.dataset.nothing));
      return box;
    }
    var tags = made("p", "tags");
    all(".tag", found).forEach(function (tag) { tags.append(tag.cloneNode(true), " "); });
    if (tags.children.length) { box.append(tags); }
    all(".what > *", found).forEach(function (node) { box.append(node.cloneNode(true)); });
    all("h4", box).forEach(function (each) {
      var heading = made("h3", "kind", each.textContent);
      each.replaceWith(heading);
    });
    if (today) { all(".home ul", box).forEach(inParts); }
    var visit = document.getElementById("visit");
    if (visit && "clinic" in found.dataset) {
      var words = visit.cloneNode(true);
      words.removeAttribute("id");
      all(".unsaid", words).forEach(function (each) { each.remove(); });
      if (words.children.length) { box.append(words); }
    }
    return box;
  }

  function next(list, place, today) {
    var found = all("#" + list + " li").find(function (each) { return each.dataset.date > today; });
    var target = document.getElementById(place);
    if (!target || !found) { return; }
    target.textContent = found.textContent;
    if ("RelativeTimeFormat" in Intl) {
      var ahead = Math.round((utc(found.dataset.date) - utc(today)) / (24 * HOUR));
      target.append(" ", made("span", "", new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(ahead, "day")));
    }
  }

  var shown = "";
  function tell() {
    var today;
    try { today = wardDate(Date.now()); } catch (error) { return; }  // a zone that this phone does not know
    if (!now || today === shown) { return; }
    shown = today;
    var tomorrow = after(today, 1), week = after(today, 6), open = document.getElementById("open"), more = false;
    now.replaceChildren(card(today, now.dataset.today, true), card(tomorrow, now.dataset.tomorrow, false));
    now.hidden = false;
    days.forEach(function (day) {
      day.hidden = day.dataset.date <= tomorrow;
      if (!day.hidden && day.dataset.date <= week && day.parentNode !== open) { open.append(day); }
      more = more || (!day.hidden && day.parentNode === open);
    });
    document.getElementById("none").hidden = more;
    all(".month").forEach(function (month) {
      month.hidden = !all("article", month).some(function (day) { return !day.hidden; });
    });
    all("#clinic-days li, #punctures li, .visits span, #changed li").forEach(function (each) {
      each.hidden = each.dataset.date < today;
    });
    var changed = document.getElementById("changed");
    if (changed) { changed.hidden = !all("li", changed).some(function (each) { return !each.hidden; }); }
    var box = document.getElementById("next");
    if (box) {
      next("clinic-days", "next-clinic", today);
      next("punctures", "next-puncture", today);
      box.hidden = false;
    }
  }

  // --- how old the page is

  // A page that has stood for too long, or was kept by the phone, hides what may have been stopped since.
  function age() {
    var old = loaded < Date.now() - Number(root.dataset.stale) * HOUR || loaded > Date.now() + HOUR;
    root.classList.toggle("old", old);
    root.classList.remove("checking");
    document.getElementById("stale").hidden = !old;
    all(".home").forEach(function (home) {
      var asks = home.querySelector(".no-dose");
      if (old && !asks) { home.append(made("p", "no-dose", root.dataset.ask)); }
      if (!old && asks) { asks.remove(); }
    });
    if (loaded) {
      document.getElementById("loaded").textContent = root.dataset.loaded + " "
        + said(loaded, { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }) + ".";
    }
  }

  // What the worker wrote down; without a worker the page is of now, unless the browser had kept it.
  function fetchedAt() {
    if (location.protocol.indexOf("http") !== 0) { return Promise.resolve(0); }  // a file that somebody kept
    var entry = performance.getEntriesByType ? performance.getEntriesByType("navigation")[0] : null;
    var here = entry && entry.transferSize === 0 && entry.decodedBodySize > 0 ? 0 : Date.now();
    if (!("caches" in window)) { return Promise.resolve(here); }
    return caches.match(new URL("fetched/" + encodeURIComponent(location.pathname), location.href).href)
      .then(function (found) { return found ? found.text().then(Number) : here; }, function () { return here; });
  }

  // Whether the page is still the same where it came from; if not, the new one is loaded, once.
  function ask() {
    lastAsked = Date.now();
    return fetch(location.pathname + location.search, { cache: "no-cache", credentials: "same-origin" }).then(function (answer) {
      if (answer.status === 404 || answer.status === 410) { location.reload(); return null; }
      return answer.ok ? answer.text() : null;
    }).then(function (text) {
      if (text === null) { return; }
      var mark = /data-mark="([0-9a-f]+)"/.exec(text);
      if (mark && mark[1] === root.dataset.mark) {
        loaded = Date.now();
      } else if (mark) {
        try {
          if (sessionStorage.getItem("reloaded") === mark[1]) { return; }
          sessionStorage.setItem("reloaded", mark[1]);
        } catch (error) { return; }
        location.reload();
      }
    }).catch(function () { /* no network: the page grows old */ }).then(age);
  }

  function lookAgain() {
    tell();
    if (!root.classList.contains("checking")) { age(); }
    if (document.visibilityState === "visible" && Math.abs(Date.now() - lastAsked) > HOUR / 4) { ask(); }
  }

  // --- buttons

  function toggle(id, name, on, off, isOn) {
    var button = document.getElementById(id);
    function show() { button.setAttribute("aria-pressed", String(isOn())); }
    button.hidden = false;
    button.addEventListener("click", function () {
      root.dataset[name] = isOn() ? off : on;
      remember(name, root.dataset[name]);
      show();
    });
    show();
  }

  function buttons() {
    toggle("letters", "letters", "large", "plain", function () { return root.dataset.letters === "large"; });
    toggle("dark", "dark", "yes", "no", function () {
      return root.dataset.dark ? root.dataset.dark === "yes" : matchMedia("(prefers-color-scheme: dark)").matches;
    });
    var print = document.getElementById("print");
    print.hidden = false;
    print.addEventListener("click", function () { window.print(); });
    var closed = [];
    window.addEventListener("beforeprint", function () {
      closed = all(".month:not([open])");
      closed.forEach(function (each) { each.open = true; });
    });
    window.addEventListener("afterprint", function () { closed.forEach(function (each) { each.open = false; }); });
    var address = document.getElementById("address");
    if ("unknown" in address.dataset) { address.textContent = new URL("calendar.ics", location.href).href; }
    var copy = document.getElementById("copy");
    if (navigator.clipboard) {
      copy.hidden = false;
      copy.addEventListener("click", function () {
        navigator.clipboard.writeText(address.textContent).then(function () { copy.textContent = copy.dataset.done; });
      });
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    days = all("#days article");
    now = document.getElementById("now");
    fetchedAt().then(function (time) {
      loaded = time;
      if (loaded) { age(); } else { ask(); }
    });
    tell();
    buttons();
    setInterval(lookAgain, 60 * 1000);
    document.addEventListener("visibilitychange", lookAgain);
    window.addEventListener("pageshow", lookAgain);
    if ("serviceWorker" in navigator) {
      navigator.serviceWorker.addEventListener("controllerchange", ask);  // which then keeps this page, too
      navigator.serviceWorker.register("worker.js").catch(function () {});
    }
  });
})();
