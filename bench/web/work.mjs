// What is measured in a browser and in Node, by the same calls: this file runs in both.

const REPEATS = 15;

/**
 * @param engraft Package `engraft` or `@engraft/web`.
 * @param mails Texts with their labels. @param photos Image files with their labels.
 */
export async function measureTasks(engraft, mails, photos) {
  const cases = {};
  const texts = await engraft.train(mails.slice(0, 40), { seed: 1 });
  cases["one short text"] = await milliseconds(() => texts.predict("Are we still meeting at ten?"));
  const many = mails.slice(40, 168).map(([text]) => text);
  cases["128 mails"] = await seconds(() => texts.predict(many));
  await texts.close();

  const images = await engraft.train(photos.slice(0, 20), { seed: 1 });
  const [[image]] = photos;
  cases["one photo"] = await milliseconds(() => images.predict(image));
  const all = photos.slice(20, 84).map(([photo]) => photo);
  cases["64 photos"] = await seconds(() => images.predict(all));
  await images.close();
  return cases;
}

/** The median of some runs, the first few of which do not count. */
async function milliseconds(work) {
  for (let run = 0; run < 3; run++) await work();
  const times = [];
  for (let run = 0; run < REPEATS; run++) times.push(1000 * (await seconds(work)));
  return times.sort((a, b) => a - b)[Math.floor(REPEATS / 2)];
}

export async function seconds(work) {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
