// What scripts add to pages that work without them: keys, live counts, exact times in the viewer's own zone.
import { watchEdit } from "./edit.js";
import { listenForKeys } from "./keys.js";
import { watchCounts } from "./live.js";
import { localTimes } from "./times.js";

localTimes(document);
if (document.body.dataset.signedIn !== undefined) {
  listenForKeys(document);
  watchCounts(document);
  watchEdit(document);
}
