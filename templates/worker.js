// Keeps the page for when there is no network, with the time at which it was last fetched.
"use strict";
var STORE = "page " + self.registration.scope;  // one site has many pages
var FILES = ["./", "page.css", "page.js", "manifest.webmanifest"];

// When a page was fetched stands under an address of its own, which no page has.
function stamp(store, page) {
  var place = new URL("fetched/" + encodeURIComponent(new URL(page).pathname), self.registration.scope).href;
  return store.put(place, new Response(String(Date.now())));
}

function keep(request, answer) {
  return caches.open(STORE).then(function (store) {
    var stamped = request.mode === "navigate" ? stamp(store, request.url) : Promise.resolve();
    return Promise.all([store.put(request, answer), stamped]);
  });
}

self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(STORE).then(function (store) {
    return store.addAll(FILES).then(function () { return stamp(store, self.registration.scope); });
  }));
  self.skipWaiting();
});

self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

self.addEventListener("fetch", function (event) {
  var request = event.request;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) { return; }
  event.respondWith(fetch(request).then(function (answer) {
    if (answer.ok) {
      var copy = answer.clone();
      return keep(request, copy).then(function () { return answer; });
    }
    if (answer.status === 404) {  // the address was closed: nothing of it stays on the phone
      return caches.delete(STORE).then(function () { return answer; });
    }
    return answer;
  }, function () {
    return caches.match(request).then(function (found) { return found || Response.error(); });
  }));
});
