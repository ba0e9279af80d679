/** Describing the access that used a cached translation. */
import { ACCESS, type CoreFeed, EPT_ACCESS } from "./feed.ts";
import type { Entry } from "./records.ts";
import type { AccessDescription, Site } from "./types.ts";

/** `hpaNow` is the page to which the paging structures lead now. */
export function describeAccess(
  feed: CoreFeed,
  entry: Entry,
  address: bigint,
  access: number,
  hpaNow: number | undefined,
  site: Site,
): AccessDescription {
  const { linear } = entry;
  const writes = (access & (linear ? ACCESS.WRITE : EPT_ACCESS.WRITE)) !== 0;
  const fetches = linear ? ACCESS.FETCH : EPT_ACCESS.FETCH | EPT_ACCESS.FETCH_USER;
  const { bytes, bits } = feed.code(site);
  const inPage = Number(address - entry.address);
  const gpa = entry.ep4ta === undefined ? undefined : entry.gpa + inPage;
  return {
    site,
    kind: writes ? "write" : (access & fetches) !== 0 ? "fetch" : "read",
    user: linear && (access & ACCESS.USER) !== 0,
    gla: linear ? address : undefined,
    gpa: linear ? gpa : Number(address),
    hpa: entry.hpa + inPage,
    hpaNow: hpaNow === undefined ? undefined : hpaNow + Number(address & 0xfffn),
    code: bytes,
    bits,
  };
}
