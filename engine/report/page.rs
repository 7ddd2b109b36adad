//! Pages to keep: one file of HTML each, which needs nothing beside it.
//!
//! Every page has the same shell: no script, nothing loaded from elsewhere, light and dark by the
//! reader's choice, fit for paper, and readable aloud. A policy in its head lets a browser take one
//! style sheet, by its digest, and nothing else: what got into a page all the same would do nothing.

mod html;
mod policy;
mod timeline;

pub(super) use html::Html;
pub use timeline::{Chronicle, timeline};

use crate::run::event::Mode;

/// How every page looks.
const STYLE: &str = include_str!("page/style.css");

/// What stands around what a page says.
pub(super) struct Shell<'a> {
    /// What it is about.
    pub(super) title: &'a str,
    /// The word that stands in its title and above all else, and what that means.
    pub(super) stamp: Option<(&'static str, &'static str)>,
}

impl Shell<'_> {
    /// The page around a body.
    pub(super) fn page(&self, body: impl FnOnce(&mut Html)) -> String {
        let title = match self.stamp {
            Some((stamp, _)) => format!("{stamp}: {}", self.title),
            None => self.title.to_owned(),
        };
        let mut page = Html::document();
        page.within("html", &[("lang", "en")], |html| {
            html.within("head", &[], |head| self.head(head, &title));
            html.within("body", &[], |html| {
                html.within("header", &[], |header| {
                    header.element("h1", &[], &title);
                    self.stamp(header);
                });
                html.within("main", &[], body);
                html.within("footer", &[], |footer| self.stamp(footer));
            });
        });
        page.finish()
    }

    fn head(&self, head: &mut Html, title: &str) {
        head.void("meta", &[("charset", "utf-8")]);
        head.void(
            "meta",
            &[("name", "viewport"), ("content", "width=device-width, initial-scale=1")],
        );
        let policy = policy::policy(STYLE);
        head.void("meta", &[("http-equiv", "Content-Security-Policy"), ("content", &policy)]);
        head.void("meta", &[("name", "color-scheme"), ("content", "light dark")]);
        head.void("meta", &[("name", "referrer"), ("content", "no-referrer")]);
        head.element("title", &[], title);
        head.style(STYLE);
    }

    fn stamp(&self, html: &mut Html) {
        if let Some((stamp, meaning)) = self.stamp {
            html.within("p", &[("class", "stamp")], |html| {
                html.element("strong", &[], stamp);
                html.text(": ");
                html.text(meaning);
            });
        }
    }
}

/// What stands on every page of a run that is no incident.
pub(super) fn stamp(mode: Mode) -> Option<(&'static str, &'static str)> {
    match mode {
        Mode::Live => None,
        Mode::Drill => Some(("DRILL", "this run was an exercise, and no incident.")),
        Mode::Lab => Some(("LAB", "this run was in a lab, with components made for it.")),
        Mode::Rehearsal => {
            Some(("REHEARSAL", "nothing was changed: what would change something was assumed."))
        }
        Mode::Tabletop => {
            Some(("EXERCISE", "nothing of this happened, nothing was run and nothing sent."))
        }
    }
}
