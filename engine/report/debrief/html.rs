//! The debrief as one HTML page.

use crate::report::page::{Html, Shell, stamp};
use crate::run::event::Mode;
use crate::timeline::debrief::Debrief;

use super::{Section, facts, sections};

/// The page.
pub fn html(debrief: &Debrief) -> String {
    let shell = Shell { title: &debrief.title, stamp: stamp(Mode::Tabletop) };
    shell.page(|html| {
        html.within("dl", &[], |html| {
            for (name, value) in facts(debrief) {
                html.element("dt", &[], name);
                html.element("dd", &[], &value);
            }
        });
        if let Some(scenario) = &debrief.scenario {
            html.element("h2", &[], "Scenario");
            html.element("pre", &[("class", "told")], scenario.trim());
        }
        sections(debrief).iter().for_each(|section| write(html, section));
    })
}

fn write(html: &mut Html, section: &Section) {
    html.element("h2", &[], section.heading);
    if section.rows.is_empty() {
        html.element("p", &[], section.none);
        return;
    }
    html.table(section.columns, |html| {
        for row in &section.rows {
            html.within("tr", &[], |html| {
                let cells = section.columns.iter().zip(row);
                cells.for_each(|(column, text)| html.cell(column, text));
            });
        }
    });
}
