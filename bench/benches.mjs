// Every question that is measured: its scripts, and for each case that they report what it is, in
// which unit, and the goal. `ratio` goals are Engraft's figure over the best of the other side.

const ACCURACY = { unit: "accuracy", digits: 3 };
const SECONDS = { unit: "s", digits: 2, best: "least" };

/** One figure of Engraft over another of its own. */
const RATIO = { unit: "x", digits: 2 };

const MILLISECONDS = { unit: "ms", digits: 0, best: "least" };

/** A training step of 16 examples: its time, its peak memory, and the time to compile it. */
function trainingStep(mode, title, atMost) {
  return {
    [mode]: { ...MILLISECONDS, title: `Training step, ${title}`, goal: { atMost, ratio: true } },
    [`${mode}, memory`]: {
      unit: "MB",
      digits: 0,
      best: "least",
      title: "- its peak memory",
      goal: { atMost: 1.2, ratio: true },
    },
    [`${mode}, compile`]: {
      ...SECONDS,
      title: "- from graph to runnable step",
      goal: { atMost: 3 },
    },
  };
}

/** A task that was extended beside one trained on all, and how far off each is about itself. */
function extension(name) {
  const off = { ...ACCURACY, title: "- its accuracy out of fold, less that" };
  return {
    [`${name}, extended`]: {
      ...ACCURACY,
      title: `Banking77, test set, ${name}: extended, 5 seeds`,
    },
    [`${name}, extended, out of fold less test`]: off,
    [`${name}, whole`]: { ...ACCURACY, title: "- trained on all at once" },
    [`${name}, whole, out of fold less test`]: off,
  };
}

/** A base tuned on every draw: what it gains, what the gate makes of it, and the same in PyTorch. */
function fineTuning(draws, title) {
  return {
    [`${draws}, frozen`]: { ...ACCURACY, title: `${title}: the frozen stack` },
    [`${draws}, tuned`]: { ...ACCURACY, title: "- the tuned stack, without the gate" },
    [`${draws}, gated`]: { ...ACCURACY, title: "- what the gate lets through" },
    [`${draws}, lastLayer`]: { ...ACCURACY, title: "- the tuned last layer alone" },
  };
}

/** The cases of a set with few labels and unlabelled rows: beside it the labels alone, and what the task says. */
function fewLabels(title, goals, count = "1,200") {
  return Object.fromEntries(
    Object.entries(goals).flatMap(([k, atLeast]) => {
      const name = `${title[0]}, ${k} a label`;
      const what = `${title[1]}, ${k} a label and ${count} rows without, 5 draws`;
      return [
        [name, { ...ACCURACY, title: what, goal: { atLeast } }],
        [`${name}, labels only`, { ...ACCURACY, title: "- the labels alone" }],
        [`${name}, kept`, { ...ACCURACY, title: "- with `--keep-unlabelled`" }],
        [
          `${name}, out of fold less test`,
          { ...ACCURACY, title: "- its accuracy out of fold, less that on the test rows" },
        ],
      ];
    }),
  );
}

/** The cases of a set on which the stack of labels alone is compared with its best view. */
function stacked(name, title) {
  return Object.fromEntries(
    [2, 4, 8, 16, 32].map((k) => [
      `${name}, ${k} a label`,
      {
        ...ACCURACY,
        title: `${title}, ${k} a label: the stack less its best view on the test rows, 5 draws`,
        ...(k >= 16 && { goal: { atLeast: -0.005 } }),
      },
    ]),
  );
}

/** The case of a set with a base, and that with the base in 8 bits. */
function int8Bases(name, title) {
  return {
    [name]: { ...ACCURACY, title: `${title}, 5 draws` },
    [`${name}, int8`]: { ...ACCURACY, title: "- with the base in 8 bits" },
  };
}

/** The case of a set whose labels are chosen, and that of random ones, after each batch of labels. */
function suggested(name, title, goals = {}) {
  return Object.fromEntries(
    [8, 16, 32, 50, 64, 128].flatMap((labels) => [
      [
        `${name}, ${labels}`,
        {
          ...ACCURACY,
          title: `${title}: ${labels} labels chosen by \`suggest\`, 5 draws`,
          ...(goals[labels] && { goal: { atLeast: goals[labels] } }),
        },
      ],
      [`${name}, ${labels}, random`, { ...ACCURACY, title: "- drawn at random" }],
    ]),
  );
}

/** How often an interval of a forecast holds what was measured. */
function forecastHolds(name, title) {
  return [name, { unit: "share", digits: 2, title }];
}

export const BENCHES = [
  {
    name: "demo-accuracy",
    prepare: "quality/draw-mails.mjs",
    engraft: "quality/engraft.mjs",
    python: "quality/text.py",
    runs: 1,
    cases: {
      "64 mails": {
        ...ACCURACY,
        title: "Demo: 64 training mails, 1,040 unseen ones, 5 seeds",
        goal: { atLeast: 0.955 },
      },
    },
  },
  {
    name: "hymenoptera",
    prepare: "quality/draw-hymenoptera.mjs",
    engraft: "quality/engraft.mjs",
    python: "quality/images.py",
    runs: 1,
    cases: {
      all: {
        ...ACCURACY,
        title: "Hymenoptera, train to val, all 242 images",
        goal: { atLeast: 0.945 },
      },
      "20 a class": {
        ...ACCURACY,
        title: "Hymenoptera, train to val, 20 a class, 5 seeds",
        goal: { atLeast: 0.93 },
      },
    },
  },
  {
    name: "banking77",
    prepare: "quality/draw-banking77.mjs",
    engraft: "quality/engraft.mjs",
    python: "quality/text.py",
    runs: 1,
    cases: {
      "10 a class": {
        ...ACCURACY,
        title: "Banking77, full test set, 10 a class, 5 seeds",
        goal: { atLeast: 0.855 },
      },
      "10 a class, calibration": {
        unit: "expected error",
        digits: 3,
        title: "- calibration error, 15 bins",
        goal: { atMost: 0.04 },
      },
    },
  },
  {
    name: "few-labels",
    prepare: "quality/draw-few.mjs",
    engraft: "quality/few-labels.mjs",
    runs: 1,
    cases: {
      ...fewLabels(["mails", "SpamAssassin"], { 4: 0.875, 8: 0.92, 32: 0.958 }),
      ...fewLabels(["questions", "25 intents of Banking77"], { 2: 0.88, 4: 0.9, 8: 0.93 }),
      ...fewLabels(["all questions", "77 intents of Banking77"], { 10: 0.868 }, "9,000"),
      ...fewLabels(["photos", "Hymenoptera (all other photos)"], { 2: 0.875, 4: 0.905, 8: 0.935 }),
    },
  },
  {
    name: "stack",
    engraft: "quality/stack.mjs",
    runs: 1,
    cases: {
      ...stacked("mails", "SpamAssassin"),
      ...stacked("questions", "25 intents of Banking77"),
      ...stacked("photos", "Hymenoptera"),
      ...stacked("topics", "SIB-200 in English"),
      "collapsed stacks": {
        unit: "stacks",
        digits: 0,
        title: "Stacks without a weight or with one answer, in 200 draws of 2 to 8 labels a class",
        goal: { atMost: 0 },
      },
    },
  },
  {
    name: "web",
    engraft: "web/browser.mjs",
    python: "web/node.mjs",
    runs: 3,
    cases: {
      "one short text": {
        ...MILLISECONDS,
        title: "In a tab of Chromium, wasm, 2 threads: one short text",
        goal: { atMost: 40 },
      },
      "one photo": { ...MILLISECONDS, title: "- one photo", goal: { atMost: 60 } },
      "128 mails": { ...SECONDS, title: "- 128 mails", goal: { atMost: 2.5, ratio: true } },
      "64 photos": { ...SECONDS, title: "- 64 photos", goal: { atMost: 1.3, ratio: true } },
      "100 frames": {
        ...SECONDS,
        title: "- a task from 2 x 50 frames of 640 x 480, measured",
        goal: { atMost: 10 },
      },
      "last two blocks": {
        ...MILLISECONDS,
        title: "- a training step, batch 16, last two blocks of EfficientNet-Lite0",
        goal: { atMost: 2.5, ratio: true },
      },
      "top two layers": {
        ...MILLISECONDS,
        title: "- a training step, batch 16, top two layers of MiniLM, 128 tokens",
        goal: { atMost: 3, ratio: true },
      },
    },
  },
  {
    name: "web-photos",
    engraft: "web/photos.mjs",
    runs: 1,
    cases: {
      "photo labels": {
        unit: "photos",
        digits: 0,
        title: "Of 200 JPEG photos, those with another label in Chromium than in Node",
        goal: { atMost: 1 },
      },
      "photo features": {
        unit: "",
        digits: 7,
        title: "- largest relative difference of the features of a photo",
        goal: { atMost: 1e-3 },
      },
      "photo probabilities": {
        unit: "",
        digits: 7,
        title: "- largest difference of a probability",
        goal: { atMost: 1e-3 },
      },
    },
  },
  {
    name: "int8-bases",
    prepare: "quality/draw-few.mjs",
    engraft: "quality/int8-bases.mjs",
    runs: 1,
    cases: {
      ...int8Bases("mails, 32 a label", "SpamAssassin, 32 mails a label"),
      ...int8Bases("questions, 8 a label", "25 intents of Banking77, 8 questions a label"),
      ...int8Bases("photos, 8 a label", "Hymenoptera, 8 photos a label"),
    },
  },
  {
    name: "unlabelled-time",
    engraft: "unlabelled/time.mjs",
    runs: 1,
    cases: {
      "64 mails": {
        ...SECONDS,
        title: "Learning from 64 mails and 3,000 without a label, nested, after their features",
        goal: { atMost: 15 },
      },
      "770 questions": {
        ...SECONDS,
        title: "- from 770 questions of 77 intents and 10,000 without a label",
        goal: { atMost: 90 },
      },
      "100,000 drawn rows": {
        ...SECONDS,
        title: "Reading 100,000 unlabelled rows of drawn features",
      },
      "100,000 drawn rows, one fit": { ...SECONDS, title: "- one head that learns from them" },
      "100,000 drawn rows, memory": {
        unit: "MB",
        digits: 0,
        best: "least",
        title: "- peak memory, 2,240 MB of features among it",
      },
    },
  },
  {
    name: "suggest",
    engraft: "quality/suggest.mjs",
    runs: 1,
    cases: {
      ...suggested("mails", "SpamAssassin, 28 % spam"),
      ...suggested("questions", "25 intents of Banking77", { 50: 0.78 }),
      ...suggested("photos", "Hymenoptera"),
    },
  },
  {
    name: "label-errors",
    engraft: "quality/relabel.mjs",
    python: "quality/label_errors.py",
    runs: 1,
    cases: {
      found: {
        unit: "average precision",
        digits: 4,
        title: "A tenth of Banking77's 10,003 labels flipped: ranking them, 2 draws",
        goal: { atLeast: 0.98 },
      },
      "against cleanlab": {
        unit: "average precision",
        digits: 4,
        best: "most",
        title: "- against cleanlab on the same out-of-fold probabilities",
        goal: { atLeast: 1, ratio: true },
      },
      last: {
        unit: "average precision",
        digits: 4,
        title: "- by the last layer alone",
      },
    },
  },
  {
    name: "fine-tune-hymenoptera",
    prepare: "quality/draw-hymenoptera.mjs",
    engraft: "quality/fine-tune.mjs",
    python: "quality/fine_tune.py",
    runs: 1,
    cases: {
      ...fineTuning("20 a class", "Fine-tuning on Hymenoptera, 20 a class, 5 seeds"),
      ...fineTuning("all", "Fine-tuning on Hymenoptera, all 242 images"),
    },
  },
  {
    name: "fine-tune-banking77",
    prepare: "quality/draw-banking77.mjs",
    engraft: "quality/fine-tune.mjs",
    python: "quality/fine_tune.py",
    runs: 1,
    cases: fineTuning("10 a class", "Contrastive tuning on Banking77, 10 a class, 5 seeds"),
  },
  {
    name: "fine-tune-reviews",
    prepare: "quality/draw_reviews.py",
    engraft: "quality/fine-tune.mjs",
    python: "quality/fine_tune.py",
    runs: 1,
    cases: fineTuning(
      "32 a class",
      "Contrastive tuning on sentiment of film reviews, 2 x 32, 5 seeds",
    ),
  },
  {
    name: "fine-tune-press",
    prepare: "quality/draw-press.mjs",
    engraft: "quality/fine-tune.mjs",
    python: "quality/fine_tune.py",
    runs: 1,
    cases: fineTuning(
      "32 a class",
      "Contrastive tuning on kinds of newspaper articles, 3 x 32, 5 seeds",
    ),
  },
  {
    name: "fine-tune-time",
    prepare: "fine-tune-time/prepare.mjs",
    engraft: "fine-tune-time/engraft.mjs",
    python: "fine-tune-time/python.py",
    runs: 3,
    cases: {
      time: {
        ...SECONDS,
        title: "Contrastive tuning of MiniLM on Banking77, 20 updates of 16 pairs",
        goal: { atMost: 0.8, ratio: true },
      },
      "same batches": {
        ...SECONDS,
        title: "- against PyTorch on Engraft's batches, with texts of about equal length",
      },
    },
  },
  {
    name: "banking77-train",
    engraft: "banking77-train/engraft.mjs",
    python: "banking77-train/python.py",
    runs: 3,
    cases: {
      accuracy: {
        ...ACCURACY,
        title: "Banking77, full test set, all 10,003",
        goal: { atLeast: 0.935 },
      },
      train: {
        ...SECONDS,
        title: "Banking77, all 10,003: from CSV to task, cold cache",
        goal: { atMost: 1, ratio: true },
      },
    },
  },
  {
    name: "text-features",
    engraft: "features/text.mjs",
    python: "features/text.py",
    runs: 5,
    cases: {
      "last layer": {
        unit: "rows/s",
        digits: 0,
        best: "most",
        title: "Text features, last layer",
        goal: { atLeast: 1.2, ratio: true },
      },
      "all layers": { unit: "rows/s", digits: 0, title: "Text features, all layers" },
    },
  },
  {
    name: "image-features",
    engraft: "features/images.mjs",
    python: "features/images.py",
    runs: 5,
    cases: {
      "last layer": {
        unit: "images/s",
        digits: 1,
        best: "most",
        title: "Image features, JPEG to vector, last layer",
        goal: { atLeast: 2, ratio: true },
      },
      "all layers": { unit: "images/s", digits: 1, title: "Image features, all layers" },
    },
  },
  {
    name: "probe-fit",
    engraft: "probe-fit/engraft.mjs",
    python: "probe-fit/python.py",
    runs: 5,
    cases: {
      default: {
        ...SECONDS,
        title: "Probe fit, 720 x 1280, 12 classes, 13 C, 5 folds",
        goal: { atMost: 0.2, ratio: true },
      },
      tuned: { ...SECONDS, title: "The same, against scikit-learn with its threads tuned" },
    },
  },
  {
    name: "warm-train",
    engraft: "warm-train/engraft.mjs",
    runs: 3,
    cases: {
      share: {
        unit: "of the first",
        digits: 3,
        title: "Feature step of a second `train`, Banking77",
        goal: { atMost: 0.05 },
      },
    },
  },
  {
    name: "extend",
    engraft: "extend/engraft.mjs",
    runs: 3,
    cases: {
      share: {
        unit: "of `train`",
        digits: 3,
        title: "`extend` by 10 examples on 5,000 of Banking77, against a cold `train`",
        goal: { atMost: 0.1 },
      },
    },
  },
  {
    name: "forecast",
    engraft: "quality/forecast.mjs",
    runs: 1,
    cases: Object.fromEntries(
      [
        ["mails", "128 mails, 20 draws"],
        ["banking77", "770 questions, 8 draws"],
      ].flatMap(([corpus, draws]) => [
        forecastHolds(
          `${corpus}, twice as many`,
          `Forecasts from ${draws}: intervals of 80 % hold`,
        ),
        forecastHolds(`${corpus}, four times as many`, "- after four times as many"),
        forecastHolds(`${corpus}, back-test`, "- in the back-test"),
        forecastHolds(`${corpus}, gain`, "- labels for one point more, where named"),
      ]),
    ),
  },
  {
    name: "report",
    prepare: "report/prepare.mjs",
    engraft: "report/engraft.mjs",
    runs: 3,
    cases: {
      time: {
        ...SECONDS,
        title: "`report` on 10,003 texts of 77 labels, after training",
        goal: { atMost: 20 },
      },
      size: {
        unit: "MB",
        digits: 2,
        best: "least",
        title: "- size of the page",
        goal: { atMost: 5 },
      },
    },
  },
  {
    name: "extend-quality",
    engraft: "extend/quality.mjs",
    runs: 1,
    cases: {
      ...extension("77 classes, 1,925 and 154 more"),
      ...extension("10 classes, 500 and 50 more"),
    },
  },
  {
    name: "predict-start",
    prepare: "predict/prepare.mjs",
    engraft: "predict/start.mjs",
    runs: 7,
    cases: {
      text: {
        ...SECONDS,
        title: "`predict` of one text, from process start",
        goal: { atMost: 0.7 },
      },
      image: {
        ...SECONDS,
        title: "`predict` of one image, from process start",
        goal: { atMost: 0.8 },
      },
    },
  },
  {
    name: "predict-memory",
    prepare: "predict/prepare.mjs",
    engraft: "predict/memory.mjs",
    runs: 1,
    cases: {
      peak: {
        unit: "MB",
        digits: 0,
        title: "Predicting 100,000 lines: peak resident memory",
        goal: { atMost: 700 },
      },
      growth: {
        unit: "MB",
        digits: 0,
        title: "Predicting 100,000 lines: growth over the last 80,000",
        goal: { atMost: 35 },
      },
    },
  },
  {
    name: "many-tasks",
    prepare: "many-tasks/prepare.mjs",
    engraft: "many-tasks/engraft.mjs",
    runs: 3,
    cases: {
      time: {
        ...RATIO,
        title: "Ten tasks on one base against one of them: time for a batch of 64",
        goal: { atMost: 1.1 },
      },
      memory: { ...RATIO, title: "- resident memory of the server", goal: { atMost: 1.15 } },
    },
  },
  {
    name: "tuned-tasks",
    prepare: "tuned-tasks/prepare.mjs",
    engraft: "tuned-tasks/engraft.mjs",
    runs: 3,
    cases: {
      time: {
        ...RATIO,
        title: "A frozen and three `top:2` tasks that share layers: time over four whole bases",
      },
      memory: { ...RATIO, title: "- resident memory of the server" },
    },
  },
  {
    name: "serve-throughput",
    prepare: "serve/prepare.mjs",
    engraft: "serve/throughput.mjs",
    runs: 3,
    cases: {
      throughput: {
        ...RATIO,
        title: "Server, 64 clients, single questions: rate over that of batches without a server",
        goal: { atLeast: 0.85 },
      },
      p99: {
        ...RATIO,
        title: "- p99 of an answer over the time of a batch",
        goal: { atMost: 3 },
      },
      errors: { unit: "requests", digits: 0, title: "- errors", goal: { atMost: 0 } },
    },
  },
  {
    name: "serve-idle",
    prepare: "serve/prepare.mjs",
    engraft: "serve/idle.mjs",
    runs: 3,
    cases: {
      "over bare": {
        unit: "ms",
        digits: 2,
        title: "Server, one question at a time: p50 over a bare run of the same model",
        goal: { atMost: 3 },
      },
      "over bare, one thread": { unit: "ms", digits: 2, title: "- over a bare run on one thread" },
      "over library": { unit: "ms", digits: 2, title: "- over a call of the library" },
    },
  },
  {
    name: "serve-overload",
    prepare: "serve/prepare.mjs",
    engraft: "serve/overload.mjs",
    runs: 1,
    cases: {
      unanswered: {
        unit: "requests",
        digits: 0,
        title: "Server, 60 s at 3 x its capacity: neither answered nor refused with 429",
        goal: { atMost: 0 },
      },
      growth: {
        ...RATIO,
        title: "- memory at the end over that after 10 s",
        goal: { atMost: 1.05 },
      },
      recovery: {
        ...SECONDS,
        title: "- from its end to an answer for someone new",
        goal: { atMost: 1 },
      },
    },
  },
  {
    name: "training-step",
    prepare: "training-step/resnet18.py",
    engraft: "training-step/engraft.mjs",
    python: "training-step/python.py",
    runs: 3,
    cases: {
      ...trainingStep("minilm-all", "MiniLM, all weights, 128 tokens", 0.9),
      ...trainingStep("minilm-top2", "MiniLM, top 2 layers, prefix cached", 0.4),
      ...trainingStep("efficientnet-all-bn-frozen", "EfficientNet-Lite0, all, BN frozen", 0.8),
      ...trainingStep("efficientnet-all-bn-train", "EfficientNet-Lite0, all, BN training", 0.9),
      ...trainingStep("resnet18-all-bn-train", "ResNet-18, all weights, BN training", 1.1),
      ...trainingStep("efficientnet-last2", "EfficientNet-Lite0, last 2 blocks, cached", 0.25),
      "efficientnet-all-bn-frozen, onnxsim": {
        ...MILLISECONDS,
        title: "EfficientNet-Lite0 against onnxsim's compile_training_loop",
        goal: { atMost: 0.2, ratio: true },
      },
    },
  },
];
