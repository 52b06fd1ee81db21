/** The standard library, registered once. */

import { register } from '../dispatch.ts';
import { collections } from './collections.ts';
import { dates } from './dates.ts';
import { numbers } from './numbers.ts';
import { queries } from './queries.ts';
import { regexes } from './regexes.ts';
import { strings } from './strings.ts';
import { system } from './system.ts';

for (const functions of [collections, dates, numbers, queries, regexes, strings, system]) register(functions);
