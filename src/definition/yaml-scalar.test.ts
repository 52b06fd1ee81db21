import { describe, expect, it } from 'vitest';
import { otherReading, readScalar } from './yaml-scalar.ts';

describe('given plain text', () => {
  // What PyYAML 6 makes of each.
  it.each([
    ['', 'null', null],
    ['~', 'null', null],
    ['null', 'null', null],
    ['NULL', 'null', null],
    ['nULL', 'text', 'nULL'],
    ['yes', 'boolean', true],
    ['No', 'boolean', false],
    ['on', 'boolean', true],
    ['OFF', 'boolean', false],
    ['true', 'boolean', true],
    ['tRUE', 'text', 'tRUE'],
    ['y', 'text', 'y'],
    ['n', 'text', 'n'],
    ['0', 'integer', 0],
    ['-0', 'integer', 0],
    ['12', 'integer', 12],
    ['+12', 'integer', 12],
    ['1_000', 'integer', 1000],
    ['010', 'integer', 8],
    ['-010', 'integer', -8],
    ['08', 'text', '08'],
    ['0o10', 'text', '0o10'],
    ['0x1F', 'integer', 31],
    ['-0x1', 'integer', -1],
    ['0xg', 'text', '0xg'],
    ['0b101', 'integer', 5],
    ['0b2', 'text', '0b2'],
    ['1:30', 'integer', 90],
    ['190:20:30', 'integer', 685_230],
    ['1:60', 'text', '1:60'],
    ['0:1', 'text', '0:1'],
    ['1:30.5', 'float', 90.5],
    ['1.', 'float', 1],
    ['1.0', 'float', 1],
    ['.5', 'float', 0.5],
    ['-.5', 'text', '-.5'],
    ['1e3', 'text', '1e3'],
    ['1.5e3', 'text', '1.5e3'],
    ['1.5e+3', 'float', 1500],
    ['0.1_5', 'float', 0.15],
    ['.inf', 'float', Number.POSITIVE_INFINITY],
    ['-.INF', 'float', Number.NEGATIVE_INFINITY],
    ['.nan', 'float', Number.NaN],
    ['+.nan', 'text', '+.nan'],
    ['.', 'text', '.'],
    ['-', 'text', '-'],
    ['2020-01-01', 'text', '2020-01-01'],
    ['2020-01-01 10:00:00', 'text', '2020-01-01 10:00:00'],
    ['1.2.3', 'text', '1.2.3'],
    ['=', 'reserved', '='],
    ['<<', 'reserved', '<<'],
    ['0x_', 'reserved', '0x_'],
    ['hello', 'text', 'hello'],
  ])('when it is %j, then it is read as %s', (source, type, value) => {
    expect(readScalar(source)).toEqual({ type, value });
  });

  it.each(['yes', 'on', '010', '08', '0o7', '1:30', '1e3', '1_000', '0b1', '-.5', '1.5e3'])(
    'when YAML 1.2 reads %s in another way, then the other reading is given',
    (source) => expect(otherReading(source, readScalar(source))).toBeDefined(),
  );

  it.each(['true', 'null', '', '1', '-1', '1.0', '0x1F', '.inf', 'y', 'hello', '2020-01-01', '1.2.3', '-'])(
    'when both versions read %j alike, then there is no other reading',
    (source) => expect(otherReading(source, readScalar(source))).toBeUndefined(),
  );
});
