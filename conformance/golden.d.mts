/** A case of goldens/operators.json. */
export interface Golden {
  readonly name: string;
  readonly op: string;
}

export declare function readGoldens(): readonly Golden[];

/** The largest error of a gradient, relative to its norm or to 1 where that is larger. */
export declare function checkGolden(golden: Golden): Promise<number>;
