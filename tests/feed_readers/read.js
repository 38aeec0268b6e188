// Feeds in, as files; what ical.js and node-ical make of each out, as JSON: [uid, begins, sequence, status, title] an
// event, which begins on a date or at an hour of universal time.

import { readFileSync } from "node:fs";
import process from "node:process";
import ICAL from "ical.js";
import nodeIcal from "node-ical";

function withIcalJs(text) {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  calendar.getAllSubcomponents("vtimezone").forEach((zone) => ICAL.TimezoneService.register(zone));
  return calendar.getAllSubcomponents("vevent").map((each) => {
    const event = new ICAL.Event(each);
    const status = each.getFirstPropertyValue("status") ?? "";
    const begins = event.startDate.isDate ? event.startDate.toString() : event.startDate.toJSDate().toISOString();
    return [event.uid, begins, event.sequence, status, event.summary];
  });
}

function withNodeIcal(text) {
  const two = (number) => String(number).padStart(2, "0");
  return Object.values(nodeIcal.sync.parseICS(text))
    .filter((each) => each.type === "VEVENT")
    .map((each) => {
      const on = each.start; // of a whole day the midnight of the machine's own zone
      const date = `${on.getFullYear()}-${two(on.getMonth() + 1)}-${two(on.getDate())}`;
      const begins = each.datetype === "date" ? date : on.toISOString();
      return [each.uid, begins, Number(each.sequence), each.status ?? "", each.summary];
    });
}

const texts = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
console.log(JSON.stringify({ "ical.js": texts.map(withIcalJs), "node-ical": texts.map(withNodeIcal) }));
