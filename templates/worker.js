// Keeps the page for when there is no network, with the time at which it was last fetched.
"use strict";
var STORE = "page " + self.registration.scope;  // one site has many pages
var FILES = ["page.css", "page.js", "manifest.webmanifest"];  // calendars are not kept: they would not grow old

function isPage(address) {
  return address.href.startsWith(self.registration.scope) && /(\/|\.html)$/.test(address.pathname);
}

// When a page was fetched stands under an address of its own, which no page has.
function stamp(store, address) {
  var place = new URL("fetched/" + encodeURIComponent(address.pathname), self.registration.scope).href;
  return store.put(place, new Response(String(Date.now())));
}

// From the network, whatever the browser has kept by itself.
function fetched(request) {
  return fetch(request.url, { cache: "no-cache", credentials: "same-origin", redirect: request.redirect });
}

function keep(address, answer) {
  return caches.open(STORE).then(function (store) {
    var puts = [store.put(address.pathname, answer)];
    if (isPage(address)) { puts.push(stamp(store, address)); }
    return Promise.all(puts);
  });
}

function kept(address, otherwise) {
  return caches.open(STORE).then(function (store) {
    return store.match(address.pathname, { ignoreVary: true });
  }).then(function (found) { return found || otherwise; });
}

self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(STORE).then(function (store) {
    return store.addAll(FILES.map(function (name) { return new Request(name, { cache: "no-cache" }); }));
  }));
  self.skipWaiting();
});

self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });

self.addEventListener("fetch", function (event) {
  var request = event.request, address = new URL(request.url), page = isPage(address);
  var beside = FILES.some(function (name) { return address.href === new URL(name, self.registration.scope).href; });
  if (request.method !== "GET" || !(page || beside)) { return; }
  var asks = page && request.mode !== "navigate";  // a page that is shown asks whether there is a newer one
  event.respondWith(fetched(request).then(function (answer) {
    if (answer.ok) {
      var copy = answer.clone();
      return keep(address, copy).then(function () { return answer; }, function () { return answer; });
    }
    if (page && (answer.status === 404 || answer.status === 410)) {  // the address was closed: nothing of it stays
      return caches.delete(STORE)
        .then(function () { return self.registration.unregister(); })
        .then(function () { return answer; });
    }
    return answer.status >= 500 && !asks ? kept(address, answer) : answer;
  }, function () {
    return asks ? Response.error() : kept(address, Response.error());
  }));
});
