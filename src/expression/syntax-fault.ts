/** What is wrong with the text of an expression, thrown by the parsers; `compile` turns it into a `TemplateFault`. */
export class SyntaxFault {
  /** Orquesta's name for it, such as `YaqlGrammarException` or `TemplateSyntaxError`. */
  readonly cause: string;
  readonly message: string;
  /** Within the text that was parsed. */
  readonly offset: number;

  constructor(cause: string, message: string, offset: number) {
    this.cause = cause;
    this.message = message;
    this.offset = offset;
  }
}
