//! A label: what a message calls one side of a comparison.
//!
//! Names and plain values are called as they are written; anything else by its side.

use minijinja::machinery::ast::Expr;
use minijinja::value::ValueKind;

/// What a message calls an expression, or `side` when it is neither a name nor a plain value.
pub fn label(expression: &Expr<'_>, side: &str) -> String {
    match expression {
        Expr::Const(it) => literal(&it.value).unwrap_or_else(|| side.to_owned()),
        _ => name(expression).map_or_else(|| side.to_owned(), |name| format!("`{name}`")),
    }
}

fn literal(value: &minijinja::Value) -> Option<String> {
    match value.kind() {
        ValueKind::String => Some(format!("{:?}", value.as_str()?)),
        ValueKind::None => Some("`none`".to_owned()),
        ValueKind::Bool => Some(format!("`{}`", value.is_true())),
        ValueKind::Number => Some(format!("`{value}`")),
        _ => None,
    }
}

/// A name, what is reached from it, and the filters without arguments that it goes through.
fn name(expression: &Expr<'_>) -> Option<String> {
    match expression {
        Expr::Var(it) => Some(it.id.to_owned()),
        Expr::GetAttr(it) => Some(format!("{}.{}", name(&it.expr)?, it.name)),
        Expr::GetItem(it) => match &it.subscript_expr {
            Expr::Const(key) => Some(format!("{}[{:?}]", name(&it.expr)?, key.value)),
            _ => None,
        },
        Expr::Filter(it) if it.args.is_empty() => {
            Some(format!("{} | {}", name(it.expr.as_ref()?)?, it.name))
        }
        _ => None,
    }
}
