/**
 * From text to a flow definition, or to everything that is wrong with the text.
 *
 * The text is read, held against the table of the language, and drafted; then tasks, expressions and variables are checked,
 * each whatever the others found, so that a document with ten mistakes is answered with ten findings. Broken YAML ends it
 * early, since nothing that follows could be trusted.
 */

import { buildFlow } from './build.ts';
import { type Category, type Diagnostic, inTextOrder } from './diagnostic.ts';
import { draftWorkflow, writtenOut } from './draft.ts';
import type { FlowDefinition } from './flow.ts';
import { type DocumentLimits, defaultLimits } from './limits.ts';
import { LineIndex } from './position.ts';
import { checkSyntax, type Finding } from './syntax.ts';
import { graphOf } from './task-graph.ts';
import { Templates } from './templates.ts';
import { readYaml } from './yaml-document.ts';
import type { YamlFault } from './yaml-scan.ts';

export interface Inspection {
  /** Present when there is no error. */
  readonly definition?: FlowDefinition;
  /** In the order of the text. */
  readonly errors: readonly Diagnostic[];
  readonly warnings: readonly Diagnostic[];
}

export interface InspectOptions {
  /** Names of variables that the caller puts into the context beside the input. */
  readonly knownVariables?: readonly string[];
  readonly limits?: Partial<DocumentLimits>;
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
  const graph = graphOf(draft);
  const templates = new Templates();
  return report.inspection(() => buildFlow(draft, templates, graph.starts.length > 0));
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
      const diagnostic: Diagnostic = { severity, category, ...finding, position: this.#lines.at(offset) };
      const { code, specPath, subject, expression } = diagnostic;
      const key = JSON.stringify([category, code, offset, specPath, subject, expression, finding.message]);
      if (!this.#all.has(key)) this.#all.set(key, diagnostic);
    }
  }

  inspection(build?: () => FlowDefinition): Inspection {
    const all = [...this.#all.values()].sort(inTextOrder);
    const errors = all.filter((diagnostic) => diagnostic.severity === 'error');
    const warnings = all.filter((diagnostic) => diagnostic.severity === 'warning');
    return errors.length > 0 || !build ? { errors, warnings } : { definition: build(), errors, warnings };
  }
}
