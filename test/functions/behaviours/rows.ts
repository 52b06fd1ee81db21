/**
 * What people look for in an engine that runs durable functions, and the cases that show what this one does.
 *
 * A case is named by its subject (a file, see `subjects`) and its words. `rows.test.ts` holds that each row has cases, that each case
 * is there, and that `docs/behaviours.md` says the same.
 */

export interface Row {
  readonly lookedFor: string;
  readonly cases: { readonly [subject in Subject]?: readonly string[] };
}

export interface Part {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** Where the cases of a subject are, from this folder on. */
export const subjects = {
  starting: './starting.test.ts',
  steps: './steps.test.ts',
  times: './times.test.ts',
  messages: './messages.test.ts',
  together: './together.test.ts',
  children: './children.test.ts',
  effects: './effects.test.ts',
  anew: './anew.test.ts',
  repairs: './repairs.test.ts',
  finding: './finding.test.ts',
  schemas: './schemas.test.ts',
  limits: './limits.test.ts',
  calls: '../calls.test.ts',
  replay: '../replay.test.ts',
  updateWithStart: '../update-with-start.test.ts',
  largeValues: '../large-values.test.ts',
  codec: '../codec.test.ts',
  bulk: '../bulk.test.ts',
  gate: '../../testing/check-replay.test.ts',
  lint: '../../lint/rules.test.ts',
  types: '../types.test.ts',
  retention: '../../engine/retention.test.ts',
} as const;

export type Subject = keyof typeof subjects;

export const parts: readonly Part[] = [
  {
    title: 'What lasts',
    rows: [
      {
        lookedFor: 'A run survives the death of its process',
        cases: {
          starting: [
            'when a run is started and its process dies at once, then it runs in the next',
            'when what a run gave is asked for later, then it is the same, also from another process',
          ],
          steps: ['when an attempt was cut off by a crash, then the next has its key and the next number'],
          replay: [
            'when it goes on, then no finished step runs again, and it ends with the same results',
            'when it took numbers, UUIDs and the time before, then it takes the same again',
            'when it was opened and closed three times, then the history is the same as without',
          ],
          together: [
            'when the process dies in the middle of a map, then items that were done are not done again',
            'when a race was decided and the process dies, then the loser does not win in the next',
          ],
          anew: ['when the process dies between, then the run goes on with the new input'],
        },
      },
      {
        lookedFor: 'What is recorded is what was said, when it was said',
        cases: {
          steps: [
            'when the function goes on writing to what it was given and gave, then each process sees it as it was',
            'when the function changes what a step gave, then the history has what it gave',
            'when a step gives an object that it changes later, then what it gave counts',
            'when a step gives undefined, then the function gets null, now and after a crash alike',
          ],
          messages: ['when what a query gave is changed by the asker, then the function does not see it'],
        },
      },
      {
        lookedFor: 'A library in your own process, on SQLite',
        cases: {
          starting: [
            'when one is started by its name, then its code of that name runs',
            'when the file is open in one engine, then another is told who has it',
          ],
        },
      },
      {
        lookedFor: 'Writes to your own tables, exactly once',
        cases: {
          effects: [
            'when a transaction writes, then its rows and its result are there together',
            'when a transaction throws, then nothing of it is there, and the function is told',
            'when a transaction breaks a constraint, then the function is told by the database, and earlier ones stand',
            'when a transaction is tried again, then what it wrote before is gone',
            'when a transaction is async, then it is refused, undone, and says so',
            'when a transaction gives %s, then it is undone and the function is told',
            'when a transaction says %j, then it is refused and nothing of it is there',
            'when a transaction keeps its handle for later, then that is closed',
            'when a transaction calls the run, then that is refused and undone',
            'when transactions are nested, then that is refused and undone',
            'when a transaction opens one of the engine, then that is refused and undone, and the engine goes on',
            'when the process dies around a transaction, then it happened once',
            'when many transactions race, then each counts once',
          ],
        },
      },
      {
        lookedFor: 'Effects that must not happen twice',
        cases: {
          effects: [
            'when a once-only step succeeds, then it is done once',
            'when the process dies in a once-only step, then it is not made again, and a person says what it came to',
            'when the verify of a once-only step finds that it %s, then that counts',
            'when the verify of a once-only step %s, then a person decides and nothing is made again',
            'when the time of a once-only step is up, then it is unknown and not tried again',
            'when a once-only step throws and has retries, then it is tried again: it knows that nothing happened',
            'when a once-only step says that its outcome is unknown, then a person decides',
            'when a verify is given without once, then the call says so',
            'when an idempotent step is cut off, then it is made again under the same key, so that it can tell',
          ],
        },
      },
      {
        lookedFor: 'Ids that make a start count once, and policies where they are taken',
        cases: {
          starting: [
            'when the same start is made many times at once, then there is one run',
            'when the id is taken by another start, then that is a conflict, and the first goes on',
            'when a conflict is to fail, then the same start is refused too',
            'when a conflict is to terminate, then the new one runs under the id and its result is that of the new one',
            'when a conflict is to terminate, then whoever waited for the first is told that it was terminated',
            'when a run ended %s and its id is reused as "%s", then it is %s',
            'when a policy is no policy, then the start is refused',
            'when the options of a start have %j, then it is refused with those there are',
            'when the id is %j, then the start is refused and says which ids there are',
            'when the id is %j, then the run has that id and is found by it',
            'when no id is given, then each run has its own',
          ],
        },
      },
      {
        lookedFor: 'Payloads: what they may be, and how large',
        cases: {
          starting: [
            'when it is given %s, then the function gets that and it comes back as it was',
            'when it is given %s, then the start is refused and nothing begins',
          ],
          steps: [
            'when a step gives %s, then it fails and says what it gave, and is not tried again',
            'when a result has odd keys, then it is given as it is',
          ],
          limits: [
            'when results are of a mebibyte, then they come as they are, and after a restart',
            'when a result is larger than what is kept, then the call fails and says the limit',
            'when text is of every kind, then it comes as it was',
            'when numbers are of every kind, then they come as they were, but for the sign of zero',
          ],
        },
      },
      {
        lookedFor: 'Large values kept once',
        cases: {
          largeValues: [
            'when the same value is given to run after run that is removed, then the file stays level',
            'when a value is damaged or gone, then its run is corrupt, says which, and the others are whole',
          ],
        },
      },
      {
        lookedFor: 'Payloads sealed with a key of your own',
        cases: {
          codec: [
            'when it is sealed, then no byte of it, its log or a backup is of what runs carry',
            'when the key is rotated, then old runs go on, and what comes is sealed with the new key',
          ],
        },
      },
      {
        lookedFor: 'Histories of any length',
        cases: {
          limits: ['when a run makes 10,000 calls, then it gets to its end'],
          calls: ['when it makes a thousand steps, then it gets to its end'],
        },
      },
      {
        lookedFor: 'Beginning anew, so that a history does not grow for ever',
        cases: {
          anew: [
            'when one does so fifty times, then whoever waits gets the last result, and the id is the same',
            'when signals were not taken, then they go along in their order',
            'when a signal with an id was taken before, then the same id does not count again',
            'when it is called in a race, then the whole run begins anew',
            'when children are open, then they are canceled as at an end',
            'when calls are under way, then they are left, and what they come to counts for nothing',
            'when it is called in the handler of an update, then the asker is told, and nothing hangs',
            'when an update is being handled, then it is answered before the run begins anew',
            'when steps were to be undone, then beginning anew is no failure and undoes nothing',
            'when it is to begin anew with %s, then the call says that this is not JSON',
            'when it is canceled after it began anew, then it is canceled',
            'when it has attributes, then it keeps them',
            'when a stream was written before, then it goes on behind that',
          ],
        },
      },
      {
        lookedFor: 'Ended runs go by themselves',
        cases: {
          retention: ['when the hour is over, then the run is gone and its id free, and not before'],
          repairs: ['when a run is removed, then it is gone and its id is free; an open one is not removed'],
        },
      },
      {
        lookedFor: 'Much at once in one run: calls, children, updates, signals',
        cases: {
          limits: [
            'when a run has 1,000 children, then each gives its own',
            'when 10,000 signals come before anybody waits, then all are taken in their order',
            'when 2,000 updates are asked of one run, then each is answered once',
            'when 2,000 tasks are under way at the same time, then the slots are kept and all end',
          ],
        },
      },
      {
        lookedFor: 'A run that is stopped by a limit says so',
        cases: {
          times: [
            'when a run may last so long, then it ends with the kind limit',
            'when a function has a limit of its own, then its run fails with that, and nothing more is done',
          ],
          children: ['when a function calls itself without end, then a limit stops it and says so'],
        },
      },
    ],
  },
  {
    title: 'Code that changes, and code that must not',
    rows: [
      {
        lookedFor: 'Code that does not agree with its history is found',
        cases: {
          repairs: [
            'when the code makes another call than it made, then the run stands still, names both and the line, and loses nothing',
            'when a run that stands still is terminated, then it ends at once',
            'when one run stands still, then the others go on',
          ],
          replay: [
            'when a step became a wait, then both calls are named, and the line of the new one',
            'when the code is put back, then the run goes on and nothing was lost',
          ],
        },
      },
      {
        lookedFor: 'Code that cannot be run again is found at once',
        cases: {
          repairs: [
            'when a function awaits what is no call of its run, then it is set aside at once and says what to do',
            'when a function asks the run of another one, then it is told so, and the other goes on',
            'when a function never yields, then other runs of the process are not lost when it comes back',
          ],
          steps: [
            'when a step asks the run for %s, then it is told that it may not, and the run goes on',
            'when a call fails and nobody waits for it, then the function goes on',
            'when a call is made after the function has returned, then nothing is made of it',
          ],
          messages: ['when a query makes calls of the run, then the asker is told, and the run is as it was'],
        },
      },
      {
        lookedFor: 'Patches: old runs the old way, new ones the new',
        cases: {
          repairs: [
            'when the new way asks patched, then runs from before and new ones go each its way, in one process',
            'when patched is asked under %j, then the call throws and says so',
          ],
          replay: [
            'when the change asks patched behind the wait, then a run from before goes the new way',
            'when the new way was taken and patched is asked again after a restart, then the answer is the same',
          ],
        },
      },
      {
        lookedFor: 'Runs pinned to the version they began with',
        cases: {
          repairs: [
            'when versions stand side by side, then each run keeps the one it began with',
            'when the version a run began with is gone, then it waits, says so, and goes on once it is back',
          ],
          starting: [
            'when two workflows have one name and no version, then which code runs is not left to chance',
            'when a workflow is named %j, then it is refused',
            'when a workflow has %s, then it is refused and the message names it',
          ],
        },
      },
      {
        lookedFor: 'Runs under way moved to new code',
        cases: {
          repairs: [
            'when the code threw and was mended, then a rerun with the new code goes on behind the last call',
            'when a run failed in a call and the world was mended, then a rerun makes that call again and goes on',
            'when an open run is to run again, then that is refused',
            'when it is forked from a call by name, then what was before is taken over and the call is made again',
            'when it is forked with a result edited, then the call has come to that and is not made',
            'when it is forked by the number of a call, then from there',
            'when it is forked from %s, then that is refused and no run begins',
            'when a fork is to have an id that is taken, then that is a conflict',
            'when an edited result is not JSON, then that is refused',
            'when a run that waits is forked, then both go on, each for itself',
          ],
        },
      },
      {
        lookedFor: 'A gate that says before the deploy which runs would stop',
        cases: {
          repairs: ['when the gate replays the history of a run, then it says what will come of it, before the deploy'],
          gate: [
            'when a step was renamed, then the runs that would stand still are named once, with both calls and the line',
            'when runs began with a version that no file exports any more, then they would stand still',
          ],
        },
      },
      {
        lookedFor: 'A lint rule for what a function must not do',
        cases: {
          lint: ['when something is found, then the message says what to use instead, and where it is called from'],
        },
      },
      {
        lookedFor: 'Schemas at the border',
        cases: {
          schemas: [
            'when its input is not as the schema says, then the start is refused with the field, and nothing begins',
            'when the schema makes something else of the input, then the function gets that, also in the next process',
            'when a signal is not as its schema says, then it is refused with the field, and the run still waits',
            'when a signal is not declared, then it is refused with those that are',
            'when a signal that comes with the start is not as its schema says, then nothing begins',
            'when many are given a signal that is not as its schema says, then each refuses',
            'when a query is given what is not as its schema says, then it is refused',
            'when an update is given what is not as its schema says, then it is refused and nothing is recorded',
            'when the output is not as its schema says, then the run fails and names the field',
            'when a child is given what is not as its schema says, then the parent is told',
            'when it is to begin anew with what is not as its schema says, then the run fails and says so',
            'when a schema answers later, then the start says that it must answer at once',
          ],
          steps: ['when the input of a task is not what its schema says, then the task fails once and names the field'],
        },
      },
      {
        lookedFor: 'Types from the schemas to the handle',
        cases: {
          types: [
            'when they are started, then input, output, signals, queries and updates are typed',
            'when a task is an action, then its types reach the call',
          ],
        },
      },
    ],
  },
  {
    title: 'Time',
    rows: [
      {
        lookedFor: 'Durable sleep',
        cases: {
          times: [
            'when it sleeps and its process is another in the morning, then it wakes when it was to wake',
            'when it sleeps for nothing, then it goes on',
            'when it sleeps in parts of a millisecond, then it goes on',
            'when it is to sleep until %s, then the call throws and says what a time is',
            'when many sleep at the same time, then each wakes at its time and in order',
            'when a run was paused while it slept, then time goes on and it wakes once it is resumed',
          ],
          calls: ['when it sleeps until an instant that has passed, then it goes on at once'],
        },
      },
      {
        lookedFor: 'Retries: backoff, most, never again, not before',
        cases: {
          times: [
            'when an action fails, then it is tried as often as its retry says and no more',
            'when an attempt fails and no retry is asked for, then there is none',
            'when a failure says that no retry can help, then there is none',
            'when a failure says how long to wait, then the next attempt is not made before',
            'when delays grow, then by their factor and never beyond the longest',
            'when delays grow beyond all time, then the run waits and can be read',
            'when a retry has %s, then the call throws and says what is wrong',
            'when an effect is none, then the call throws and says which there are',
            'when an option is misspelt, then the call throws and names it',
          ],
          effects: [
            'when a task waits for a person after it failed for good, then skip, retry and fail do what they say',
          ],
        },
      },
      {
        lookedFor: 'Timeouts: to begin, of an attempt, in all',
        cases: {
          times: [
            'when an attempt takes too long, then it is told to stop and the next begins',
            'when an attempt goes on after its timeout, then what it gives in the end counts for nothing',
            'when a call has a deadline, then waits between attempts count, and it fails with deadline',
            'when a deadline passes while no process runs, then the call has failed when one comes back',
            'when no worker is free in time, then the call fails with start_timeout and is never carried out',
            'when a duration is %j, then each call that takes one throws and says how',
          ],
        },
      },
      {
        lookedFor: 'Heartbeats whose progress the next attempt finds',
        cases: {
          times: [
            'when an attempt gives no sign of life, then it fails with heartbeat_timeout',
            'when an attempt gives signs of life, then it may take longer than the silence that is allowed',
            'when an attempt that told how far it was fails, then the next one finds that',
            'when an attempt that told how far it was dies with its process, then the next one finds that',
            'when a sign of life says what is not JSON, then the attempt is told and nothing is kept',
          ],
        },
      },
      {
        lookedFor: 'Completion from outside, by token',
        cases: {
          effects: [
            'when the holder of a token answers, then the function gets that; a second answer is refused',
            'when the holder of a token says that it failed, then the function gets that',
            'when nobody answers a token in time, then the function gets a timeout, and a late answer is refused',
            'when the process is another, then the token is the same and its answer counts',
            'when a token is %j, then it is said to be none',
            'when a token was changed by a character, then it is none, and the run still waits',
            'when a step hands itself over, then it holds no slot and is over when the holder says so',
            'when what was handed over fails and has retries, then it is tried again under another token',
            'when the process dies while a step is handed over, then it is not made again and its token holds',
          ],
        },
      },
    ],
  },
  {
    title: 'Messages',
    rows: [
      {
        lookedFor: 'Signals',
        cases: {
          messages: [
            'when signals of several names come, then each is taken by who waits for its name',
            'when a signal says %s, then it is refused and the run goes on',
            'when a signal is named %j, then it is refused, and so is the wait for it',
            'when a signal is named %j, then it is a name like any other',
            'when a loop over signals is left, then those not taken stay for the next',
            'when a wait of the loop over signals loses a race, then the loop goes on',
            'when a run has ended, then a signal is refused and says so, and the same one that it took is not',
            'when it is asked %s, then that is refused, and the run can be read and goes on',
          ],
          calls: ['when the same signal is sent twice under one id, then it counts once'],
        },
      },
      {
        lookedFor: 'A message that is sent before anybody waits',
        cases: {
          messages: [
            'when a signal came before the process died, then it is there in the next',
            'when signal and timeout come close to each other, then one of them counts and no signal is lost',
            'when a signal timed out and comes later, then the next wait has it',
            'when a wait for a signal was canceled, then a later wait has the signal',
            'when handlers are given after the first wait, then an update that came before is answered once they are',
          ],
          calls: ['when signals come before it waits for them, then none is lost and their order holds'],
        },
      },
      {
        lookedFor: 'Queries',
        cases: {
          messages: [
            'when it is queried under a name it does not answer, then the names it answers are said',
            'when a query throws, then the asker is told and the run goes on',
            'when a query gives %s, then the asker is told what an answer is',
            'when a run that has ended is queried, then it says that it has ended',
            'when the process is another, then queries are answered from what the function held',
            'when a run waits in pause, then queries are answered, and an update once it is resumed',
          ],
          calls: ['when it is asked, then it answers from what it holds, with arguments'],
        },
      },
      {
        lookedFor: 'Updates: asked, validated, answered once',
        cases: {
          messages: [
            'when an update is refused by its validation, then the asker is told and nothing is recorded',
            'when an update is asked twice under one id, then it is done once and both get the answer',
            'when an update was answered before the process died, then the same id gets the same answer after',
            'when many updates are asked at once, then each is handled and none is lost',
            'when an update is not known, then the asker is told which are',
            'when a run has ended, then an update is refused',
            'when a handler is given again under its name, then the later one counts',
            'when %s is given to handle an update, then the call throws and says so',
            'when the handler of an update throws, then the asker is told, and the function goes on',
            'when the handler of an update gives %s, then the asker is told what an answer is',
            'when the function returns while an update is handled, then it ends after the answer',
            'when the run is canceled while an update is handled, then the asker is told and the run is canceled',
            'when the run is terminated while an update is handled, then the asker is told',
            'when the process dies while an update is handled, then it is handled to its end in the next',
          ],
        },
      },
      {
        lookedFor: 'A signal or an update with the start',
        cases: {
          starting: [
            'when it is started with a signal, then the run has it as it begins',
            'when it is started with a signal and the run is there already, then that run has the signal',
            'when it is started twice with a signal of one id, then the signal counts once',
          ],
          updateWithStart: ['when two items are added, one of them twice under one id, then one run holds both once'],
        },
      },
      {
        lookedFor: 'Waiting until something holds',
        cases: {
          messages: [
            'when waitUntil holds already, then it goes on at once',
            'when an update makes a waitUntil hold, then the function goes on',
            'when a waitUntil throws, then the function gets that',
            'when a waitUntil throws later, then the function gets that, and other runs go on',
          ],
        },
      },
      {
        lookedFor: 'Questions to people',
        cases: {
          messages: [
            'when a person is asked and answers twice, then the first counts and the second is refused',
            'when an answer is not JSON, then it is refused and the question stays',
          ],
        },
      },
      {
        lookedFor: 'A stream that readers follow and resume',
        cases: {
          effects: [
            'when a function emits, then a reader gets all, in order, from any place on',
            'when a reader is there first, then it gets pieces as they come, and ends with the run',
            'when the process dies, then a stream has each piece of the function once',
            'when a stream is read from %j, then that is said',
            'when what is emitted is not JSON, then the call throws and says where',
            'when a reader stops, then the run goes on and another can read',
            'when something is published, then it is in the history and no call',
          ],
        },
      },
    ],
  },
  {
    title: 'Structure',
    rows: [
      {
        lookedFor: 'The first of several',
        cases: {
          together: [
            'when the loser of a race would have had an effect later, then it does not',
            'when the loser of a race is an attempt under way, then its signal is aborted',
            'when nothing races, then that is said and the run does not wait for ever',
            'when nothing will do, since there is nothing, then any fails',
            'when none of any does, then all failures are there, in their order',
            'when native Promise.all and race are used, then they do, and the loser is not canceled',
          ],
          replay: ['when a race was decided before, then the same one has won'],
        },
      },
      {
        lookedFor: 'Many at the same time, so many at once',
        cases: {
          together: [
            'when one of all fails while others wait, then the others are canceled and none begins anything',
            'when promises are given in place of functions, then that is said',
            'when map has the width %j, then it throws and says what a width is',
            'when map has the width %j, then all items are done',
            'when there is nothing to map, then it gives an empty list',
            'when what is mapped is no list, then that is said',
            'when one item of a map fails, then no further item begins',
            'when items of a map fail with a width, then no lane goes on with others',
            'when all of all of races are nested, then each gives its own',
            'when many fail in one all, then one failure counts and none is unhandled',
          ],
        },
      },
      {
        lookedFor: 'Children, and what becomes of them where their parent ends',
        cases: {
          children: [
            'when the function returns and its child was to %s, then the child is %s',
            'when the parent is asked to %s, then the child is %s',
            'when a child was abandoned and its parent canceled, then the child goes on to its end',
            'when onParentClose is none, then the call throws and says which there are',
            'when a child does not end in time, then the function gets a timeout and the child is canceled',
            'when a child fails, then the function is told which and why, and may start another',
            'when somebody cancels the child, then the function gets a failure of its own and is not canceled',
            'when somebody terminates the child, then the function gets a failure and is not canceled',
            'when the child is not registered, then the call fails and names it, or waits for a process that has it',
            'when a child is given %s, then the call throws and no child begins',
            'when a child is given %s, then it gets that',
            'when the child is of another style, then its output is what the function gets',
            'when the process dies while a child works, then the next one goes on with both and there is one child',
            'when a child has children, then a cancel from above reaches all',
            'when a child loses a race, then it is canceled',
            'when the child undoes what it did, then the parent goes on after that',
            'when the parent fails while a child works, then the child is canceled',
            'when many children run at the same time, then each gives its own',
          ],
        },
      },
      {
        lookedFor: 'Cancellation: of a part, of the whole, shielded from',
        cases: {
          together: [
            'when a part is canceled, then that part alone rejects, with the reason',
            'when a part is canceled after it ended, then nothing comes of it',
            'when a part is canceled while something in it is shielded, then the shielded runs to its end',
            'when a cancel is caught and the function goes on without a shield, then each further call rejects',
            'when it is canceled, then its reason reaches the function and the run',
            'when it is canceled twice, then the cleaning up is not cut off',
            'when it is canceled as it begins and terminated after, then it has ended',
            'when a run has ended, then cancel, pause and terminate are refused',
            'when what was canceled is a task under way, then the action is told and the function waits for no longer than it',
          ],
          messages: ['when a cancel is caught by who waits for a signal, then that tells by its error'],
          replay: ['when it was canceled before and its cleaning up was not over, then that goes on'],
        },
      },
      {
        lookedFor: 'Sagas',
        cases: {
          together: [
            'when steps are undone, then with what they gave, latest first, and while one is undone the process may die',
            'when a failure is coped with, then nothing is undone',
            'when an undoing registers another, then that is undone as well',
            'when what undoes is no function, then that is said where it is given',
            'when a run that was undone is terminated meanwhile, then nothing further is undone',
            'when undoing fails, then that is in the history, and the run fails with what made it fail',
          ],
          calls: ['when one thing cannot be undone, then the others are undone all the same'],
        },
      },
      {
        lookedFor: 'Failures that say what failed',
        cases: {
          steps: [
            'when a step throws %s, then the function gets a TaskFailed that says so',
            'when a function, an update, a query, an undoing or a transaction throws %s, then each comes to its end',
            'when a step throws a TaskFailed of another call, then it is a failure of its own',
            'when an action fails with more than a message, then the function gets kind and result',
            'when an error is thrown on, then the run says which task it was, and an own error names itself',
            'when a task is given a name of its own, then the history and failures call it so',
            'when a step is named %j, then the call throws and says so',
            'when a step has no work, then the call throws and says so',
            'when a task or a child is %j, then the call throws and says so',
            'when two calls have the same name, then each has its own result and key',
            'when a step starts a run of its own, then that is a run beside',
          ],
          starting: [
            'when a name is started that is not registered, then that is said and nothing begins',
            'when what is started is no workflow, then that is said',
            'when a run is asked for that is not there, then each question says so',
            'when the engine is closed, then whoever waits is told, and the run stays',
          ],
        },
      },
      {
        lookedFor: 'Finding runs, and asking many at once',
        cases: {
          finding: [
            'when a function sets attributes, then the run is found by them while it waits',
            'when a function sets %s as an attribute, then the call throws and none is set',
            'when a function sets more attributes than a run has room for, then it is told and keeps those it had',
            'when a list is filtered by status and workflow, then those are found and no other',
            'when a list is asked for with %s, then it is refused and is not every run',
            'when many runs are canceled at once, then each undoes what it did',
            'when many runs are given a signal, then those that wait take it and those that ended are not asked',
            'when many are meant by the filter %j, then that is refused',
            'when a run is described, then its calls, what it waits for and what came are there',
            'when whoever listens throws, then the run goes on',
          ],
          bulk: ['when some refuse, then each is named with the reason, and the others have done it'],
        },
      },
    ],
  },
];
