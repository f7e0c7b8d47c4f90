// Load of a server by clients that send a request as soon as their last one is answered.
import { Connection } from "./connection.mjs";

/**
 * Lets some clients send requests for a while.
 *
 * @returns Milliseconds of each answered request and the seconds from the first one to the last
 *   answer; how many requests were not answered with 200; and the share of a core that the clients
 *   themselves took.
 */
export async function loadServer(url, requests, { clients, seconds }) {
  const milliseconds = [];
  const cpu = process.cpuUsage();
  const started = performance.now();
  const end = started + 1000 * seconds;
  let next = 0;
  let errors = 0;
  await Promise.all(Array.from({ length: clients }, runClient));
  const elapsed = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    milliseconds,
    errors,
    seconds: elapsed,
    clientShare: (user + system) / 1e6 / elapsed,
  };

  async function runClient() {
    const connection = new Connection(url);
    while (performance.now() < end && connection.isOpen) {
      const sent = performance.now();
      const request = requests[next++ % requests.length];
      const answer = await connection.send(request).catch(() => undefined);
      if (answer?.status === 200) milliseconds.push(performance.now() - sent);
      else errors++;
    }
    connection.close();
  }
}

/** The value below which a share of some numbers lie. */
export function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
