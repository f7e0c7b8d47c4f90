import {
  LONGEST_RUN,
  MOST_SEGMENTED,
  type Tokenization,
  UNSPACED_RANGES,
} from "@engraft/core/internal";

/** Code of the examples that makes TF-IDF rows of texts: a function `tfidf`, and what it needs. */
export interface WordsCode {
  /** Line that imports what is beyond the standard library; undefined where nothing is. */
  readonly imports: string | undefined;
  readonly code: string;
  /** Package to install; undefined where nothing is. */
  readonly install: string | undefined;
}

/** `tfidf(text)` in Python. */
export function pythonWords({ segmented }: Tokenization): WordsCode {
  const terms = segmented ? pythonSegments() : undefined;
  const found = segmented
    ? "terms(text.lower())"
    : String.raw`re.findall(r"\w+|[^\w\s]", text.lower())`;
  return {
    imports: segmented ? "from icu import BreakIterator, Locale, UnicodeString" : undefined,
    install: segmented ? "PyICU" : undefined,
    code: `vocabulary = read("vocabulary.json")
columns = {term: column for column, term in enumerate(vocabulary["terms"])}
${terms === undefined ? "" : `\n\n${terms}`}

def tfidf(text):
    row = np.zeros(len(columns), np.float32)
    for term, count in Counter(${found}).items():
        if term in columns:
            column = columns[term]
            row[column] = (1 + math.log(count)) * vocabulary["idf"][column]
    return row / (np.linalg.norm(row) or 1)`,
  };
}

/** Scripts that put no spaces between words, cut by ICU, as `Intl.Segmenter` does. */
function pythonSegments(): string {
  const write = (codePoint: number): string => `\\U${codePoint.toString(16).padStart(8, "0")}`;
  const unspaced = ranges(write);
  return String.raw`# Scripts that put no spaces between words.
UNSPACED = "${unspaced}"
TERMS = re.compile(f"([{UNSPACED}]{{1,${LONGEST_RUN}}})|(?:(?![{UNSPACED}])\\w)+|[^\\w\\s]")
boundaries = BreakIterator.createWordInstance(Locale("en"))


def terms(text):
    found, left = [], ${MOST_SEGMENTED}
    for match in TERMS.finditer(text):
        if match[1] is None:
            found.append(match[0])
        elif left > 0:
            left -= len(match[1])
            run, start = UnicodeString(match[1]), 0
            boundaries.setText(run)
            for end in boundaries:
                found.append(str(run[start:end]))
                start = end
        else:
            found.extend(match[1])
    return found
`;
}

/** `tfidf(text)` in JavaScript. */
export function nodeWords({ segmented }: Tokenization): WordsCode {
  const terms = segmented ? nodeSegments() : undefined;
  const found = segmented
    ? "terms(text.toLowerCase())"
    : String.raw`text.toLowerCase().match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu) ?? []`;
  return {
    imports: undefined,
    install: undefined,
    code: `const vocabulary = read("vocabulary.json");
const columns = new Map(vocabulary.terms.map((term, column) => [term, column]));
${terms === undefined ? "" : `\n${terms}`}
function tfidf(text) {
  const row = new Float32Array(columns.size);
  const counts = new Map();
  for (const term of ${found}) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
  }
  for (const [term, count] of counts) {
    const column = columns.get(term);
    if (column !== undefined) row[column] = (1 + Math.log(count)) * vocabulary.idf[column];
  }
  const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  return row.map((value) => value / (length || 1));
}`,
  };
}

function nodeSegments(): string {
  const unspaced = ranges((codePoint) => `\\u{${codePoint.toString(16)}}`);
  return String.raw`// Scripts that put no spaces between words.
const pattern =
  /([${unspaced}]{1,${LONGEST_RUN}})|(?:(?![${unspaced}])[\p{L}\p{N}_])+|[^\p{L}\p{N}_\s]/gu;
const segmenter = new Intl.Segmenter("en", { granularity: "word" });

function terms(text) {
  const found = [];
  let left = ${MOST_SEGMENTED};
  for (const [term, run] of text.matchAll(pattern)) {
    if (run === undefined) {
      found.push(term);
    } else if (left > 0) {
      left -= Array.from(run).length;
      for (const { segment } of segmenter.segment(run)) found.push(segment);
    } else {
      found.push(...Array.from(run));
    }
  }
  return found;
}
`;
}

function ranges(write: (codePoint: number) => string): string {
  return UNSPACED_RANGES.map(([first, last]) => `${write(first)}-${write(last)}`).join("");
}
