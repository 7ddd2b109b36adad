//! The strict form of an expression: every comparison in it is a call of our own.
//!
//! The syntax tree is built anew with each `==`, `<`, `in` and so on replaced by a call of the
//! function of that name, which no expression can name or shadow since it is no identifier. All
//! else stays as it is, with its place in the text.

use minijinja::machinery::ast::{
    BinOp, BinOpKind, Call, CallArg, Compare, CompareOpKind, Const, Expr, Filter, GetAttr, GetItem,
    IfExpr, List, Map, Slice, Spanned, Test, Tuple, UnaryOp, UnaryOpKind, Var,
};
use minijinja::machinery::{Span, parse_expr, tokenize};
use minijinja::syntax::SyntaxConfig;

use super::comparison::Operator;
use super::label::label;
use super::{TemplateError, explain};

/// How many words and signs are read: the parser recurses before the depth can be known.
const TOKENS: usize = 1000;
/// How many parts the strict form may have.
const PARTS: usize = 10_000;
/// How deep its parts may nest.
const DEPTH: usize = 200;

/// The expression has too many parts, or they nest too deep.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the expression is too long or nests too deep")]
struct TooLarge;

impl TooLarge {
    fn explain(self) -> TemplateError {
        TemplateError { message: self.to_string(), range: None }
    }
}

/// The syntax tree of a text short enough to be read.
pub fn parse(code: &str) -> Result<Expr<'_>, TemplateError> {
    let tokens = tokenize(code, true, SyntaxConfig::default()).map_while(Result::ok);
    if tokens.take(TOKENS + 1).count() > TOKENS {
        return Err(TooLarge.explain());
    }
    parse_expr(code).map_err(|error| explain(&error))
}

/// The strict form of a syntax tree.
pub fn strict<'a>(expression: &Expr<'a>) -> Result<Expr<'a>, TemplateError> {
    Builder { parts: PARTS, depth: DEPTH }.build(expression).map_err(TooLarge::explain)
}

/// What is left to spend on the parts of the new tree.
struct Builder {
    parts: usize,
    depth: usize,
}

impl Builder {
    fn build<'a>(&mut self, expression: &Expr<'a>) -> Result<Expr<'a>, TooLarge> {
        self.parts = self.parts.checked_sub(1).ok_or(TooLarge)?;
        self.depth = self.depth.checked_sub(1).ok_or(TooLarge)?;
        let built = self.part(expression);
        self.depth += 1;
        built
    }

    fn part<'a>(&mut self, expression: &Expr<'a>) -> Result<Expr<'a>, TooLarge> {
        let span = expression.span();
        Ok(match expression {
            Expr::Var(it) => Expr::Var(Spanned::new(Var { id: it.id }, span)),
            Expr::Const(it) => constant(it.value.clone(), span),
            Expr::Slice(it) => Expr::Slice(Spanned::new(self.slice(it)?, span)),
            Expr::UnaryOp(it) => {
                let is_not = matches!(it.op, UnaryOpKind::Not);
                let op = if is_not { UnaryOpKind::Not } else { UnaryOpKind::Neg };
                let expr = self.build(&it.expr)?;
                Expr::UnaryOp(Spanned::new(UnaryOp { op, expr }, span))
            }
            Expr::BinOp(it) => self.operation(it, span)?,
            Expr::Compare(it) => self.chain(it, span)?,
            Expr::IfExpr(it) => Expr::IfExpr(Spanned::new(self.choice(it)?, span)),
            Expr::Filter(it) => {
                let expr = self.maybe(it.expr.as_ref())?;
                let args = self.arguments(&it.args)?;
                Expr::Filter(Spanned::new(Filter { name: it.name, expr, args }, span))
            }
            Expr::Test(it) => {
                let (expr, args) = (self.build(&it.expr)?, self.arguments(&it.args)?);
                Expr::Test(Spanned::new(Test { name: it.name, expr, args }, span))
            }
            Expr::GetAttr(it) => {
                let expr = self.build(&it.expr)?;
                Expr::GetAttr(Spanned::new(GetAttr { expr, name: it.name }, span))
            }
            Expr::GetItem(it) => {
                let (expr, subscript_expr) =
                    (self.build(&it.expr)?, self.build(&it.subscript_expr)?);
                Expr::GetItem(Spanned::new(GetItem { expr, subscript_expr }, span))
            }
            Expr::Call(it) => {
                let (expr, args) = (self.build(&it.expr)?, self.arguments(&it.args)?);
                Expr::Call(Spanned::new(Call { expr, args }, span))
            }
            Expr::List(it) => Expr::List(Spanned::new(List { items: self.all(&it.items)? }, span)),
            Expr::Tuple(it) => {
                Expr::Tuple(Spanned::new(Tuple { items: self.all(&it.items)? }, span))
            }
            Expr::Map(it) => {
                let (keys, values) = (self.all(&it.keys)?, self.all(&it.values)?);
                Expr::Map(Spanned::new(Map { keys, values }, span))
            }
        })
    }

    fn operation<'a>(&mut self, it: &BinOp<'a>, span: Span) -> Result<Expr<'a>, TooLarge> {
        let operator = match it.op {
            BinOpKind::Eq => Operator::Equal,
            BinOpKind::Ne => Operator::Unequal,
            BinOpKind::Lt => Operator::Less,
            BinOpKind::Lte => Operator::AtMost,
            BinOpKind::Gt => Operator::More,
            BinOpKind::Gte => Operator::AtLeast,
            BinOpKind::In => Operator::In,
            op @ (BinOpKind::ScAnd
            | BinOpKind::ScOr
            | BinOpKind::Add
            | BinOpKind::Sub
            | BinOpKind::Mul
            | BinOpKind::Div
            | BinOpKind::FloorDiv
            | BinOpKind::Rem
            | BinOpKind::Pow
            | BinOpKind::Concat) => {
                let (left, right) = (self.build(&it.left)?, self.build(&it.right)?);
                return Ok(Expr::BinOp(Spanned::new(BinOp { op, left, right }, span)));
            }
        };
        self.comparison(&it.left, operator, &it.right, span)
    }

    /// `a < b < c` as `a < b and b < c`: the second is not asked when the first does not hold.
    fn chain<'a>(&mut self, it: &Compare<'a>, span: Span) -> Result<Expr<'a>, TooLarge> {
        let mut left = &it.expr;
        let mut whole: Option<Expr<'a>> = None;
        for step in &it.ops {
            self.parts = self.parts.checked_sub(1).ok_or(TooLarge)?;
            let link = self.link(left, step.op, &step.expr, span)?;
            whole = Some(match whole {
                Some(left) => {
                    let and = BinOp { op: BinOpKind::ScAnd, left, right: link };
                    Expr::BinOp(Spanned::new(and, span))
                }
                None => link,
            });
            left = &step.expr;
        }
        whole.map_or_else(|| self.build(&it.expr), Ok)
    }

    fn link<'a>(
        &mut self,
        left: &Expr<'a>,
        op: CompareOpKind,
        right: &Expr<'a>,
        span: Span,
    ) -> Result<Expr<'a>, TooLarge> {
        let operator = match op {
            CompareOpKind::Eq => Operator::Equal,
            CompareOpKind::Ne => Operator::Unequal,
            CompareOpKind::Lt => Operator::Less,
            CompareOpKind::Lte => Operator::AtMost,
            CompareOpKind::Gt => Operator::More,
            CompareOpKind::Gte => Operator::AtLeast,
            CompareOpKind::In => Operator::In,
            CompareOpKind::NotIn => {
                let expr = self.comparison(left, Operator::In, right, span)?;
                let not = UnaryOp { op: UnaryOpKind::Not, expr };
                return Ok(Expr::UnaryOp(Spanned::new(not, span)));
            }
        };
        self.comparison(left, operator, right, span)
    }

    fn comparison<'a>(
        &mut self,
        left: &Expr<'a>,
        operator: Operator,
        right: &Expr<'a>,
        span: Span,
    ) -> Result<Expr<'a>, TooLarge> {
        let labels = [label(left, "the left side"), label(right, "the right side")];
        let mut args = vec![CallArg::Pos(self.build(left)?), CallArg::Pos(self.build(right)?)];
        args.extend(labels.map(|label| CallArg::Pos(constant(label.into(), span))));
        let span = Span { start_offset: start(left), ..span };
        let expr = Expr::Var(Spanned::new(Var { id: operator.function() }, span));
        Ok(Expr::Call(Spanned::new(Call { expr, args }, span)))
    }

    fn slice<'a>(&mut self, it: &Slice<'a>) -> Result<Slice<'a>, TooLarge> {
        Ok(Slice {
            expr: self.build(&it.expr)?,
            start: self.maybe(it.start.as_ref())?,
            stop: self.maybe(it.stop.as_ref())?,
            step: self.maybe(it.step.as_ref())?,
        })
    }

    fn choice<'a>(&mut self, it: &IfExpr<'a>) -> Result<IfExpr<'a>, TooLarge> {
        Ok(IfExpr {
            test_expr: self.build(&it.test_expr)?,
            true_expr: self.build(&it.true_expr)?,
            false_expr: self.maybe(it.false_expr.as_ref())?,
        })
    }

    fn maybe<'a>(&mut self, it: Option<&Expr<'a>>) -> Result<Option<Expr<'a>>, TooLarge> {
        it.map(|expression| self.build(expression)).transpose()
    }

    fn all<'a>(&mut self, items: &[Expr<'a>]) -> Result<Vec<Expr<'a>>, TooLarge> {
        items.iter().map(|item| self.build(item)).collect()
    }

    fn arguments<'a>(&mut self, args: &[CallArg<'a>]) -> Result<Vec<CallArg<'a>>, TooLarge> {
        let argument = |arg: &CallArg<'a>| {
            Ok(match arg {
                CallArg::Pos(it) => CallArg::Pos(self.build(it)?),
                CallArg::Kwarg(name, it) => CallArg::Kwarg(name, self.build(it)?),
                CallArg::PosSplat(it) => CallArg::PosSplat(self.build(it)?),
                CallArg::KwargSplat(it) => CallArg::KwargSplat(self.build(it)?),
            })
        };
        args.iter().map(argument).collect()
    }
}

/// Where an expression begins; the place that the parser gives a comparison takes in the word
/// before it, and that of `a.b.c` begins at its last dot.
fn start(expression: &Expr<'_>) -> u32 {
    match expression {
        Expr::GetAttr(it) => start(&it.expr),
        Expr::GetItem(it) => start(&it.expr),
        Expr::Slice(it) => start(&it.expr),
        Expr::Call(it) => start(&it.expr),
        Expr::Test(it) => start(&it.expr),
        Expr::Filter(it) => it.expr.as_ref().map_or(it.span().start_offset, start),
        other => other.span().start_offset,
    }
}

fn constant<'a>(value: minijinja::Value, span: Span) -> Expr<'a> {
    Expr::Const(Spanned::new(Const { value }, span))
}
