/** This machine lacks what a kind of torture needs; the message says what. */
export class CannotTorture extends Error {
  override readonly name = 'CannotTorture';
}
