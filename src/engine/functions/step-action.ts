/** The action that carries out closures of functions. */
export const stepAction = '$step';
