import type {
  Dataset,
  Input,
  SingleLabelExample,
  TextInput,
  UnlabelledExample,
} from "@engraft/core";

/** An image of a data set as it crosses: by its number in a data set that the worker has read, or as a file. */
export type SentExampleImage =
  | {
      readonly kind: "image";
      readonly dataset: number;
      readonly image: number;
      /** SHA-256 of the file, where it is known. */
      readonly digest: string | undefined;
    }
  | { readonly kind: "image"; readonly file: Blob };

/** {@link Dataset} with inputs in another form. */
export interface DatasetOf<I> extends Omit<Dataset, "splits" | "unlabelled"> {
  readonly splits: {
    readonly train: readonly LabelledOf<I>[];
    readonly val?: readonly LabelledOf<I>[];
    readonly test?: readonly LabelledOf<I>[];
  };
  readonly unlabelled?: readonly UnlabelledOf<I>[] | undefined;
}

type LabelledOf<I> = Omit<SingleLabelExample, "input"> & { readonly input: I };
type UnlabelledOf<I> = Omit<UnlabelledExample, "input"> & { readonly input: I };

/** A data set as it crosses. */
export type SentDataset = DatasetOf<TextInput | SentExampleImage>;

/** What a page gets of a data set that was read. */
export interface ReadDataset {
  /** Its number in the worker, which has its images; undefined where it has none. */
  readonly number: number | undefined;
  readonly dataset: SentDataset;
}

/** A data set with other inputs, in their order. */
export function mapInputs<I, O>(
  { splits, unlabelled, ...rest }: DatasetOf<I>,
  map: (input: I) => O,
): DatasetOf<O> {
  const { train, val, test } = splits;
  const labelled = (examples: readonly LabelledOf<I>[]): LabelledOf<O>[] =>
    examples.map(({ input, ...example }) => ({ ...example, input: map(input) }));
  return {
    ...rest,
    splits: {
      train: labelled(train),
      ...(val && { val: labelled(val) }),
      ...(test && { test: labelled(test) }),
    },
    ...(unlabelled && {
      unlabelled: unlabelled.map(({ input, ...example }) => ({ ...example, input: map(input) })),
    }),
  };
}

/** All inputs of a data set, in the order of {@link mapInputs}. */
export function inputsOf(dataset: Dataset): Input[] {
  const inputs: Input[] = [];
  mapInputs(dataset, (input) => inputs.push(input));
  return inputs;
}
