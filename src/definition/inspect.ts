/**
 * From text to a flow definition, or to everything that is wrong with the text.
 *
 * The text is read, held against the table of the language, and drafted; then tasks, expressions and variables are checked,
 * each whatever the others found, so that a document with ten mistakes is answered with ten findings. Broken YAML ends it
 * early, since nothing that follows could be trusted.
 */

import { buildFlow } from './build.ts';
import { buildDag } from './build-dag.ts';
import { checkContext } from './context.ts';
import type { WorkflowDefinition } from './dag.ts';
import { checkGraph, checkMixture, isDependencyGraph } from './dag-semantics.ts';
import { type Category, type Diagnostic, inTextOrder } from './diagnostic.ts';
import { draftWorkflow, writtenOut } from './draft.ts';
import { checkExpressions } from './expressions.ts';
import { type DocumentLimits, defaultLimits } from './limits.ts';
import { LineIndex } from './position.ts';
import { checkSemantics, missingEntryPoint } from './semantics.ts';
import { surprisesOfGraph } from './surprises-of-graph.ts';
import { surprisesOfValues } from './surprises-of-values.ts';
import { checkSyntax, type Finding } from './syntax.ts';
import { graphOf } from './task-graph.ts';
import { Templates } from './templates.ts';
import { readYaml } from './yaml-document.ts';
import type { YamlFault } from './yaml-scan.ts';

export interface Inspection {
  /** Present when there is no error. */
  readonly definition?: WorkflowDefinition;
  /** In the order of the text. */
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

export interface InspectOptions {
  /** Names of variables that the caller puts into the context beside the input. */
  readonly knownVariables?: readonly string[];
  readonly limits?: Partial<DocumentLimits>;
  /** Categories whose errors do not withhold the definition: `context` and `expressions` show at run time too. */
  readonly tolerate?: readonly Category[];
}

/** Inspects a flow document. Never throws, whatever the text. */
export function inspectFlow(text: string, options: InspectOptions = {}): Inspection {
  const lines = new LineIndex(text);
  const report = new Report(lines);
  const document = readYaml(text, lines, { ...defaultLimits, ...options.limits });
  report.addFaults('error', 'yaml', document.faults);
  report.addFaults('warning', 'yaml11', document.doubts);
  if (!document.root) return report.inspection();

  const root = writtenOut(document.root);
  report.addFindings('error', 'syntax', checkSyntax(root));
  const draft = draftWorkflow(root);
  report.addFindings('error', 'semantics', checkMixture(draft));
  if (isDependencyGraph(draft)) {
    const templates = new Templates();
    report.addFindings('error', 'expressions', checkExpressions(draft, templates, text));
    report.addFindings('error', 'semantics', checkGraph(draft, options.knownVariables ?? [], text));
    report.addFindings('warning', 'surprise', surprisesOfValues(draft));
    return report.inspection(() => buildDag(draft, templates), options.tolerate);
  }
  const graph = graphOf(draft);
  const templates = new Templates();
  const hasEntryPoint = graph.starts.length > 0;
  report.addFindings('error', 'semantics', checkSemantics(draft, graph));
  report.addFindings('error', 'expressions', checkExpressions(draft, templates, text));
  report.addFindings(
    'error',
    'context',
    checkContext({ draft, graph, knownVariables: options.knownVariables ?? [], text }),
  );
  report.addFindings('warning', 'semantics', missingEntryPoint(draft, graph));
  report.addFindings('warning', 'surprise', surprisesOfValues(draft));
  report.addFindings('warning', 'surprise', surprisesOfGraph(draft, graph));
  return report.inspection(() => buildFlow(draft, templates, hasEntryPoint), options.tolerate);
}

class Report {
  readonly #lines: LineIndex;
  readonly #all = new Map<string, Diagnostic>();

  constructor(lines: LineIndex) {
    this.#lines = lines;
  }

  addFaults(severity: 'error' | 'warning', category: Category, faults: readonly YamlFault[]): void {
    this.addFindings(
      severity,
      category,
      faults.map((fault) => ({ ...fault, specPath: null })),
    );
  }

  addFindings(severity: 'error' | 'warning', category: Category, findings: readonly Finding[]): void {
    for (const { offset, ...finding } of findings) {
      const message = shortened(finding.message);
      const diagnostic: Diagnostic = { severity, category, ...finding, message, position: this.#lines.at(offset) };
      const { code, specPath, subject, expression } = diagnostic;
      const key = JSON.stringify([
        category,
        code,
        offset,
        specPath,
        subject,
        expression?.slice(0, 500),
        finding.message,
      ]);
      if (!this.#all.has(key)) this.#all.set(key, diagnostic);
    }
  }

  inspection(build?: () => WorkflowDefinition, tolerate: readonly Category[] = []): Inspection {
    const all = [...this.#all.values()].sort(inTextOrder);
    const errors = all.filter((diagnostic) => diagnostic.severity === 'error');
    const warnings = all.filter((diagnostic) => diagnostic.severity === 'warning');
    const fatal = errors.some((diagnostic) => !tolerate.includes(diagnostic.category));
    return fatal || !build ? { errors, warnings } : { definition: build(), errors, warnings };
  }
}

/** A sentence that quotes a very long name or text, without its middle. */
function shortened(message: string): string {
  return message.length <= 600 ? message : `${message.slice(0, 350)}…${message.slice(-200)}`;
}
