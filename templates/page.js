// What of the page is today, tonight and tomorrow by the ward's clock, and whether the page is too old for its doses.
"use strict";
(function () {
  var root = document.documentElement;
  var zone = root.dataset.zone;
  var staleAfter = Number(root.dataset.stale) * 3600 * 1000;
  var now = document.getElementById("now");
  var days = Array.from(document.querySelectorAll("#days article"));
  var loaded = Date.now();

  function wardDate(time) {
    var parts = {};
    new Intl.DateTimeFormat("en-GB", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", hourCycle: "h23" })
      .formatToParts(new Date(time))
      .forEach(function (part) { parts[part.type] = part.value; });
    return { iso: parts.year + "-" + parts.month + "-" + parts.day, hour: Number(parts.hour) };
  }

  // The date after one, whatever the clocks do between them.
  function dayAfter(iso) {
    var parts = iso.split("-").map(Number);
    return new Date(Date.UTC(parts[0], parts[1] - 1, parts[2] + 1)).toISOString().slice(0, 10);
  }

  function card(iso, heading, today, evening) {
    var found = days.find(function (day) { return day.dataset.date === iso; });
    var box = document.createElement("div");
    var title = document.createElement("h2");
    box.className = today ? "today" : "";
    if (found) {
      Array.from(found.childNodes).forEach(function (node) { box.appendChild(node.cloneNode(true)); });
      var said = box.querySelector("h3");
      title.textContent = heading + ": " + said.textContent;
      said.replaceWith(title);
      var home = box.querySelector("h4.home");
      if (home && today) { home.textContent = evening ? home.dataset.tonight : home.dataset.today; }
    } else {
      title.textContent = heading;
      var nothing = document.createElement("p");
      var last = days.length ? days[days.length - 1].dataset.date : "";
      nothing.textContent = iso > last ? now.dataset.over : now.dataset.nothing;
      box.append(title, nothing);
    }
    return box;
  }

  function next(list, place, today) {
    var found = Array.from(document.querySelectorAll("#" + list + " li")).find(function (each) { return each.dataset.date > today; });
    var target = document.getElementById(place);
    if (target && found) { target.textContent = found.textContent; }
  }

  var shown = "";
  function tell() {
    var ward = wardDate(Date.now());
    var evening = ward.hour >= 16;
    var state = ward.iso + evening;
    if (state !== shown && now) {
      shown = state;
      now.replaceChildren(card(ward.iso, now.dataset.today, true, evening), card(dayAfter(ward.iso), now.dataset.tomorrow, false, false));
      now.hidden = false;
      days.forEach(function (day) {
        day.hidden = day.dataset.date < ward.iso;
        day.classList.toggle("today", day.dataset.date === ward.iso);
      });
      document.querySelectorAll("#clinic-days li, #punctures li").forEach(function (each) { each.hidden = each.dataset.date < ward.iso; });
      var box = document.getElementById("next");
      if (box) {
        next("clinic-days", "next-clinic", ward.iso);
        next("punctures", "next-puncture", ward.iso);
        box.hidden = false;
      }
    }
    age();
  }

  // A page that has stood for too long, or was kept by the phone, hides what may have been stopped since.
  function age() {
    var old = Date.now() - loaded > staleAfter || Date.now() < loaded - 3600 * 1000;
    root.classList.toggle("old", old);
    document.getElementById("stale").hidden = !old;
    document.querySelectorAll(".no-dose").forEach(function (each) { each.hidden = !old; });
  }

  function fetchedAt() {
    if (!("caches" in window)) { return Promise.resolve(loaded); }
    return caches.match(new URL("fetched/" + encodeURIComponent(location.pathname), location.href).href)
      .then(function (found) { return found ? found.text() : String(loaded); })
      .then(Number, function () { return loaded; });
  }

  var address = document.getElementById("address");
  if (address && "unknown" in address.dataset) { address.textContent = new URL("calendar.ics", location.href).href; }
  var print = document.getElementById("print");
  print.hidden = false;
  print.addEventListener("click", function () { window.print(); });
  var copy = document.getElementById("copy");
  if (navigator.clipboard && copy) {
    copy.hidden = false;
    copy.addEventListener("click", function () {
      navigator.clipboard.writeText(document.getElementById("address").textContent).then(function () { copy.textContent = copy.dataset.done; });
    });
  }
  if ("serviceWorker" in navigator) { navigator.serviceWorker.register("worker.js").catch(function () {}); }

  tell();
  fetchedAt().then(function (time) { loaded = time; age(); });
  setInterval(tell, 60 * 1000);
  document.addEventListener("visibilitychange", tell);
})();
