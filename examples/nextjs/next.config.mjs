/** All that the server does is to hand out files. */
export default { output: "export" };
