// Times show their age; the exact time on hover is the viewer's own, with the zone named.

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "long" });

export function localTimes(page) {
  for (const time of page.querySelectorAll("time[datetime]")) {
    time.title = exact.format(new Date(time.dateTime));
  }
}
