//! A target: where a command runs.
//!
//! A [`Target`] is what a runbook says, with templates; a [`Destination`] is what it became. Its
//! parts become arguments of `ssh`, `docker` or `kubectl`, so none may be empty, pass as an option or
//! hold a control character.

use serde::Serialize;

use crate::document::shape::{Form, Rule, may, must};
use crate::document::{Node, Shape, Value as NodeValue, nearest};
use crate::source::{Diagnostic, Problems, Spanned};

use super::expression::{Expression, Scope, TemplateError};
use super::reader::Reader;
use super::rendered::Quoting;
use super::template::Template;

/// The name of the target that every runbook has: the machine that drives the run.
pub const LOCAL: &str = "local";

/// A place to run, as it is written.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// The machine that drives the run.
    Local,
    /// A host that `ssh` reaches.
    Ssh {
        /// What `ssh` calls it: `db-1`, `ops@db-1`.
        host: Template,
    },
    /// A running container.
    Docker {
        /// Its name.
        container: Template,
    },
    /// A container of a pod.
    Kubernetes {
        /// The context of the kubeconfig; the current one when nothing is said.
        context: Option<Template>,
        /// The namespace; that of the context when nothing is said.
        namespace: Option<Template>,
        /// The pod, or a kind and a name such as `deploy/web`.
        pod: Template,
        /// The container; the pod's default when nothing is said.
        container: Option<Template>,
    },
}

/// What `target` says: a name, or a place.
#[derive(Clone, Debug, PartialEq)]
pub enum TargetRef {
    /// One of the declared targets, or `local`.
    Named(Spanned<String>),
    /// A place of its own.
    Inline(Box<Target>),
    /// What is said where the runbook is included, in the words of that place.
    Outer(Box<TargetRef>),
}

/// A place to run, rendered. As JSON it is `"local"`, or a mapping like the one in a runbook.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// The machine that drives the run.
    #[default]
    Local,
    /// A host that `ssh` reaches.
    Ssh(String),
    /// A running container.
    Docker(String),
    /// A container of a pod.
    Kubernetes(Box<Pod>),
}

/// A container of a pod.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Pod {
    /// The context of the kubeconfig.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// The namespace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The pod.
    pub pod: String,
    /// The container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
}

/// The forms of `target`.
pub(super) static FORMS: &[Form] = &[Form::Text, Form::Shape(&TARGET)];

/// The forms of a declared target.
pub(super) static PLACES: &[Form] = &[HERE, Form::Shape(&TARGET)];

/// The form of a target that can only be this machine.
pub(super) const HERE: Form = Form::Words(&LOCALS);

static LOCALS: &[&str] = &[LOCAL];

static TARGET: Shape = Shape {
    noun: "a target",
    name: "target",
    about: "A place where commands run.",
    keys: &[&[
        may("ssh", Form::Template).about("A host, as it is typed after `ssh`."),
        may("docker", Form::Template).about("The name of a container that runs."),
        may("kubernetes", Form::Shape(&KUBERNETES)).about("A container of a pod."),
    ]],
    rules: &[&[Rule::One(&["ssh", "docker", "kubernetes"])]],
};

static KUBERNETES: Shape = Shape {
    noun: "`kubernetes`",
    name: "kubernetes",
    about: "A container of a pod, as `kubectl exec` takes it.",
    keys: &[&[
        may("context", Form::Template)
            .about("The context of the kubeconfig; the current one when it is left out."),
        may("namespace", Form::Template)
            .about("The namespace; that of the context when it is left out."),
        must("pod", Form::Template).about("The pod, or a kind and a name such as `deploy/web`."),
        may("container", Form::Template)
            .about("The container; the pod's default when it is left out."),
    ]],
    rules: &[],
};

/// Reads the declared targets of a runbook or an environment.
pub(super) fn read_all(node: &Node, reader: &mut Reader<'_>) -> Vec<(Spanned<String>, Target)> {
    let mut found = Vec::new();
    for (name, node) in reader.entries(node, "`targets`") {
        if name.value == LOCAL && node.as_str() != Some(LOCAL) {
            let help = "give it another name, and say that in `target`";
            reader.error_with_help(name.span, "`local` is always this machine", help);
        }
        let target = match node.as_str() {
            Some(LOCAL) => Some(Target::Local),
            Some(_) => {
                let help =
                    "use `local`, {ssh: host}, {docker: container} or {kubernetes: {pod: …}}";
                reader.error_with_help(node.span, "this is no place to run", help);
                None
            }
            None => Target::read(&node, reader),
        };
        found.extend(target.map(|target| (name, target)));
    }
    found
}

/// Reports a name that is neither `local` nor among the known ones.
pub fn check_name<'k>(
    name: &Spanned<String>,
    known: impl IntoIterator<Item = &'k str>,
    problems: &mut Problems,
) {
    let known: Vec<&str> = known.into_iter().chain([LOCAL]).collect();
    if known.contains(&name.as_str()) {
        return;
    }
    let message = format!("there is no target `{name}`");
    let problem = Diagnostic::error(name.span, message).code("HP108");
    problems.push(match nearest(name, known.iter().copied()) {
        Some(near) => problem.did_you_mean(name, near),
        None => problem.help(format!("the targets are {}", known.join(", "))),
    });
}

impl TargetRef {
    /// Reads a name or a mapping.
    pub(super) fn read(node: &Node, reader: &mut Reader<'_>) -> Option<TargetRef> {
        match &node.value {
            NodeValue::Mapping(_) => Some(TargetRef::Inline(Box::new(Target::read(node, reader)?))),
            _ => reader.text(node).map(TargetRef::Named),
        }
    }

    /// Whether it says `local`.
    pub fn is_local(&self) -> bool {
        match self {
            TargetRef::Named(name) => name.value == LOCAL,
            TargetRef::Inline(target) => **target == Target::Local,
            TargetRef::Outer(outer) => outer.is_local(),
        }
    }

    /// The place it becomes.
    pub fn render(&self, scope: &dyn Scope) -> Result<Destination, TemplateError> {
        self.resolve(scope, &|target, scope| target.render(scope))?
    }

    /// The place as far as it is known.
    pub fn partly(&self, scope: &dyn Scope) -> Option<Destination> {
        self.resolve(scope, &|target, scope| target.partly(scope)).ok()
    }

    /// Whether it may be another machine than this.
    pub fn is_elsewhere(&self, scope: &dyn Scope) -> bool {
        self.resolve(scope, &|target, _| *target != Target::Local).unwrap_or(true)
    }

    /// What becomes of the place that is meant, where its names mean something.
    fn resolve<T>(
        &self,
        scope: &dyn Scope,
        of: &dyn Fn(&Target, &dyn Scope) -> T,
    ) -> Result<T, TemplateError> {
        let missing = |what: String| TemplateError { message: what, range: None };
        match self {
            TargetRef::Inline(target) => Ok(of(target, scope)),
            TargetRef::Named(name) if name.value == LOCAL => Ok(of(&Target::Local, scope)),
            TargetRef::Named(name) => match scope.target(name) {
                Some(target) => Ok(of(&target, scope)),
                None => Err(missing(format!("there is no target `{name}`"))),
            },
            TargetRef::Outer(outer) => {
                let around = scope.outer();
                let around =
                    around.ok_or_else(|| missing("nothing stands around this place".into()))?;
                outer.resolve(&*around, of)
            }
        }
    }

    /// The templates that stand in it.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            // Those of the outer place are checked there.
            TargetRef::Named(_) | TargetRef::Outer(_) => Vec::new(),
            TargetRef::Inline(target) => target.templates(),
        }
    }
}

impl Target {
    /// Reads `{ssh: …}`, `{docker: …}` or `{kubernetes: …}`.
    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Target> {
        let mut fields = reader.open(node, &TARGET)?;
        let mut found: Vec<Option<Target>> = Vec::new();
        if let Some(node) = fields.take("ssh") {
            let host = word(node, reader).inspect(|host| check_host(node, host, reader));
            found.push(host.map(|host| Target::Ssh { host }));
        }
        if let Some(node) = fields.take("docker") {
            found.push(word(node, reader).map(|container| Target::Docker { container }));
        }
        if let Some(node) = fields.take("kubernetes") {
            found.push(kubernetes(node, reader));
        }
        reader.finish(fields);
        if found.len() != 1 {
            let message = "a target is one of `ssh`, `docker` and `kubernetes`";
            reader.error(node.span, message);
        }
        found.pop().flatten()
    }

    /// The templates in it.
    pub fn templates(&self) -> Vec<&Template> {
        match self {
            Target::Local => Vec::new(),
            Target::Ssh { host: only } | Target::Docker { container: only } => vec![only],
            Target::Kubernetes { context, namespace, pod, container } => {
                context.iter().chain(namespace).chain([pod]).chain(container).collect()
            }
        }
    }

    /// The expressions in it.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.templates().into_iter().flat_map(Template::expressions)
    }

    /// The place it becomes; a part that is no name is an error.
    pub fn render(&self, scope: &dyn Scope) -> Result<Destination, TemplateError> {
        let found = self.map(|template| {
            let text = template.render(scope, Quoting::Argument)?.shown();
            match refused(&text) {
                Some(reason) => Err(error(reason, &text)),
                None => Ok(text),
            }
        })?;
        match &found {
            Destination::Ssh(host) if !is_host(host) => Err(error(NO_HOST, host)),
            _ => Ok(found),
        }
    }

    /// The place with the values that are known; what is not known stands as it is written.
    pub fn partly(&self, scope: &dyn Scope) -> Destination {
        let text = |template: &Template| Ok(template.partly(scope, Quoting::Text));
        self.map(text).unwrap_or_default()
    }

    /// The place as it is written, templates and all.
    pub fn written(&self) -> Destination {
        self.map(|template| Ok(template.to_string())).unwrap_or_default()
    }

    fn map(
        &self,
        text: impl Fn(&Template) -> Result<String, TemplateError>,
    ) -> Result<Destination, TemplateError> {
        let maybe = |template: &Option<Template>| template.as_ref().map(&text).transpose();
        Ok(match self {
            Target::Local => Destination::Local,
            Target::Ssh { host } => Destination::Ssh(text(host)?),
            Target::Docker { container } => Destination::Docker(text(container)?),
            Target::Kubernetes { context, namespace, pod, container } => {
                Destination::Kubernetes(Box::new(Pod {
                    context: maybe(context)?,
                    namespace: maybe(namespace)?,
                    pod: text(pod)?,
                    container: maybe(container)?,
                }))
            }
        })
    }
}

impl Destination {
    /// Whether it is the machine that drives the run.
    pub fn is_local(&self) -> bool {
        *self == Destination::Local
    }

    /// What stands before a command to say where it runs; nothing on this machine.
    pub fn prefix(&self) -> String {
        match self {
            Destination::Local => String::new(),
            other => format!("on {}: ", other.shown()),
        }
    }

    /// The place as a person reads it: `local`, `ssh db-1`.
    pub fn shown(&self) -> String {
        match self {
            Destination::Local => "local".to_owned(),
            Destination::Ssh(host) => format!("ssh {host}"),
            Destination::Docker(container) => format!("docker {container}"),
            Destination::Kubernetes(it) => {
                let Pod { context, namespace, pod, container } = &**it;
                let context = context.as_ref().map(|it| format!("{it}/")).unwrap_or_default();
                let namespace = namespace.as_ref().map(|it| format!("{it}/")).unwrap_or_default();
                let container = container.as_ref().map(|it| format!(" ({it})"));
                let container = container.unwrap_or_default();
                format!("kubernetes {context}{namespace}{pod}{container}")
            }
        }
    }
}

const NO_HOST: &str = "holds what no host name does";

/// Why a text can be no part of a target.
fn refused(text: &str) -> Option<&'static str> {
    match text {
        "" => Some("is empty"),
        _ if text.starts_with('-') => Some("begins with `-` and could pass as an option"),
        _ if text.chars().any(|c| c.is_control() || c.is_whitespace()) => {
            Some("holds white space or a control character")
        }
        _ => None,
    }
}

/// Whether a text is free of what a shell would take for more than text: the operator's own
/// configuration may hand a host name to one (`ProxyCommand`).
fn is_host(text: &str) -> bool {
    !text.contains(['\'', '"', '`', '$', '\\', ';', '&', '<', '>', '|', '(', ')', '{', '}'])
}

fn error(reason: &str, text: &str) -> TemplateError {
    let message = format!("a part of the target {reason}: {text:?}");
    TemplateError { message, range: None }
}

/// One word; a template that begins it could pass as an option.
fn word(node: &Node, reader: &mut Reader<'_>) -> Option<Template> {
    let mut template = reader.template(node)?;
    for slot in template.slots_mut() {
        slot.begins_word = slot.range.start == 0;
    }
    if template.slots().next().is_none()
        && let Some(reason) = refused(&template.to_string())
    {
        reader.error(node.span, format!("this part of a target {reason}"));
    }
    Some(template)
}

fn check_host(node: &Node, host: &Template, reader: &mut Reader<'_>) {
    if host.slots().next().is_none() && !is_host(&host.to_string()) {
        reader.error(node.span, format!("this {NO_HOST}"));
    }
}

fn kubernetes(node: &Node, reader: &mut Reader<'_>) -> Option<Target> {
    let mut fields = reader.open(node, &KUBERNETES)?;
    let pod = fields.require("pod", reader.problems).and_then(|node| word(node, reader));
    let mut part = |key| fields.take(key).and_then(|node| word(node, reader));
    let (context, namespace, container) = (part("context"), part("namespace"), part("container"));
    reader.finish(fields);
    Some(Target::Kubernetes { context, namespace, pod: pod?, container })
}

#[cfg(test)]
mod tests;
