//! The plan as a graph for other programs to draw: DOT and Mermaid.
//!
//! A group is a box around what is inside it, with a node of its own that the edges meet. An edge
//! points from what is needed to what needs it; a dashed one from a rung to the next, which is
//! tried when the first fails. Text from the runbook cannot become syntax.

use std::fmt::Write;

use super::{Index, Inside, Plan, ROOT, Role};

/// The plan in the language of Graphviz.
pub fn dot(plan: &Plan) -> String {
    let mut text = format!("digraph {} {{\n", quoted(&plan.runbook.id));
    text.push_str("  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\"];\n");
    let mut drawing = Drawing { plan, text, language: &Dot };
    drawing.whole();
    drawing.text + "}\n"
}

/// The plan in the language of Mermaid.
pub fn mermaid(plan: &Plan) -> String {
    let mut drawing = Drawing { plan, text: "flowchart TB\n".to_owned(), language: &Mermaid };
    drawing.whole();
    drawing.text
}

/// How one language writes nodes, boxes and edges.
trait Language {
    fn node(&self, index: Index, label: &str, is_gated: bool) -> String;
    fn open(&self, index: Index, label: &str) -> String;
    fn close(&self) -> &'static str;
    fn edge(&self, from: Index, to: Index, is_fallback: bool) -> String;
}

struct Drawing<'a> {
    plan: &'a Plan,
    text: String,
    language: &'a dyn Language,
}

impl Drawing<'_> {
    fn whole(&mut self) {
        self.inside(ROOT, 1);
        if let Some(finally) = self.plan.finally {
            self.line(1, &self.language.open(finally, "finally"));
            self.inside(finally, 2);
            self.line(1, self.language.close());
        }
        for (index, node) in self.plan.nodes.iter().enumerate() {
            for need in &node.needs {
                self.line(1, &self.language.edge(*need, index, false));
            }
            if node.role != Role::Whole {
                node.forms.iter().for_each(|form| self.enter_group(index, &form.inside));
            }
        }
    }

    /// The edges from a group to what begins with it, and from a rung to the next.
    fn enter_group(&mut self, group: Index, inside: &Inside) {
        let first: Vec<Index> = match inside {
            Inside::Leaf => Vec::new(),
            Inside::Each(items) => vec![items.pattern.start],
            Inside::Ladder(rungs) => rungs.iter().take(1).copied().collect(),
            Inside::Phase(children) => {
                let begins = |child: &&Index| self.plan.nodes[**child].needs.is_empty();
                children.iter().filter(begins).copied().collect()
            }
        };
        for child in first {
            self.line(1, &self.language.edge(group, child, false));
        }
        if let Inside::Ladder(rungs) = inside {
            for (rung, next) in rungs.iter().zip(rungs.iter().skip(1)) {
                self.line(1, &self.language.edge(*rung, *next, true));
            }
        }
    }

    fn inside(&mut self, group: Index, depth: usize) {
        let children: Vec<Index> = self.plan.nodes[group].drawn();
        for index in children {
            let node = &self.plan.nodes[index];
            let label = self.label(index);
            let is_gated = node.forms.iter().any(|form| form.facets.gate.is_some());
            let drawn = self.language.node(index, &label, is_gated);
            if node.is_leaf() {
                self.line(depth, &drawn);
            } else {
                self.line(depth, &self.language.open(index, &label));
                self.line(depth + 1, &drawn);
                self.inside(index, depth + 1);
                self.line(depth, self.language.close());
            }
        }
    }

    fn label(&self, index: Index) -> String {
        let node = &self.plan.nodes[index];
        let rung = if node.role == Role::Rung { "rung " } else { "" };
        match &node.title {
            Some(title) => format!("{rung}{}: {title}", node.id),
            None => format!("{rung}{}", node.id),
        }
    }

    fn line(&mut self, depth: usize, line: &str) {
        let _ = writeln!(self.text, "{:indent$}{line}", "", indent = depth * 2);
    }
}

struct Dot;

impl Language for Dot {
    fn node(&self, index: Index, label: &str, is_gated: bool) -> String {
        let shape = if is_gated { ", shape=octagon" } else { "" };
        format!("n{index} [label={}{shape}];", quoted(label))
    }

    fn open(&self, index: Index, label: &str) -> String {
        format!("subgraph cluster_{index} {{ label={};", quoted(label))
    }

    fn close(&self) -> &'static str {
        "}"
    }

    fn edge(&self, from: Index, to: Index, is_fallback: bool) -> String {
        let style = if is_fallback { " [style=dashed, label=\"fails\"]" } else { "" };
        format!("n{from} -> n{to}{style};")
    }
}

struct Mermaid;

impl Language for Mermaid {
    fn node(&self, index: Index, label: &str, is_gated: bool) -> String {
        let label = entities(label);
        match is_gated {
            true => format!("n{index}{{{{\"{label}\"}}}}"),
            false => format!("n{index}[\"{label}\"]"),
        }
    }

    fn open(&self, index: Index, label: &str) -> String {
        format!("subgraph g{index}[\"{}\"]", entities(label))
    }

    fn close(&self) -> &'static str {
        "end"
    }

    fn edge(&self, from: Index, to: Index, is_fallback: bool) -> String {
        let arrow = if is_fallback { "-. fails .->" } else { "-->" };
        format!("n{from} {arrow} n{to}")
    }
}

/// Text as a quoted string of DOT.
fn quoted(text: &str) -> String {
    let plain = text.replace(|c: char| c.is_control(), " ");
    format!("\"{}\"", plain.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Text in which Mermaid sees no syntax: all but letters, digits and a few marks by their number.
fn entities(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || " .,:/_-".contains(c);
    let mut written = String::new();
    for c in text.chars() {
        if is_plain(c) {
            written.push(c);
        } else {
            let _ = write!(written, "#{};", u32::from(c));
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Problems, Source};

    const BOOK: &str = "
holdpoint: 1
id: book
title: Book
steps:
  - {id: look, title: 'Say \"hi\" <b>', run: 'true'}
  - id: mend
    ladder:
      - {id: one, run: 'true'}
      - {id: two, gate: true, run: 'true'}
finally:
  - {id: tell, run: 'true'}
";

    fn plan() -> Plan {
        let mut problems = Problems::default();
        let runbook = crate::runbook::read(&Source::new("book.yaml", BOOK), &mut problems);
        super::super::build(runbook.unwrap(), &mut problems).unwrap()
    }

    #[test]
    fn a_plan_is_drawn_in_dot() {
        let expected = r#"digraph "book" {
  rankdir=TB;
  node [shape=box, fontname="sans-serif"];
  n1 [label="look: Say \"hi\" <b>"];
  subgraph cluster_2 { label="mend";
    n2 [label="mend"];
    n3 [label="rung one"];
    n4 [label="rung two", shape=octagon];
  }
  subgraph cluster_5 { label="finally";
    n6 [label="tell"];
  }
  n1 -> n2;
  n2 -> n3;
  n3 -> n4 [style=dashed, label="fails"];
}
"#;
        assert_eq!(dot(&plan()), expected);
    }

    #[test]
    fn a_plan_is_drawn_in_mermaid() {
        let expected = r##"flowchart TB
  n1["look: Say #34;hi#34; #60;b#62;"]
  subgraph g2["mend"]
    n2["mend"]
    n3["rung one"]
    n4{{"rung two"}}
  end
  subgraph g5["finally"]
    n6["tell"]
  end
  n1 --> n2
  n2 --> n3
  n3 -. fails .-> n4
"##;
        assert_eq!(mermaid(&plan()), expected);
    }
}
