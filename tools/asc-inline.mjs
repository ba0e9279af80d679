/**
 * A transform for the AssemblyScript compiler: a function whose doc comment says `@inline` is
 * compiled as if it carried the decorator of that name. Decorators on functions are no TypeScript,
 * so with the comment form formatters, linters and editors read the core's sources.
 */

import assemblyscript from "assemblyscript";
import { Transform } from "assemblyscript/transform";

const { DecoratorKind, NodeKind, Node, CommonFlags } = assemblyscript;

/** The text of the doc comment that ends just before `start`, or "". */
function docCommentBefore(text, start) {
  let end = start;
  while (end > 0 && /\s/.test(text[end - 1])) end--;
  if (!text.startsWith("*/", end - 2)) return "";
  const begin = text.lastIndexOf("/**", end);
  return begin < 0 ? "" : text.slice(begin, end);
}

export default class InlineTransform extends Transform {
  afterParse(parser) {
    for (const source of parser.sources) {
      if (source.isLibrary) continue;
      for (const statement of source.statements) this.visit(source, statement);
    }
  }

  visit(source, statement) {
    if (statement.kind === NodeKind.NamespaceDeclaration) {
      for (const member of statement.members) this.visit(source, member);
      return;
    }
    if (statement.kind !== NodeKind.FunctionDeclaration) return;
    if (statement.flags & CommonFlags.Ambient) return;
    // The range of an exported function begins behind the keyword.
    let start = statement.range.start;
    const before = source.text.slice(0, start);
    const match = /export\s+$/.exec(before);
    if (match) start -= match[0].length;
    if (!/@inline\b/.test(docCommentBefore(source.text, start))) return;
    const range = statement.name.range;
    const decorator = Node.createDecorator(
      Node.createIdentifierExpression("inline", range),
      null,
      range,
    );
    statement.decorators = [...(statement.decorators ?? []), decorator];
    statement.decoratorFlags |= 1 << (DecoratorKind.Inline - 1);
  }
}
