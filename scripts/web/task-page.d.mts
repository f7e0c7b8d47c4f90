/** The place of the program in the package engraft. */
export const IN_ENGRAFT: string;
/** Makes the program of a task's page; gives the modules that are in it. */
export function buildTaskPage(file: string): Promise<readonly string[]>;
