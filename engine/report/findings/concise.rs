//! A line for each finding, which editors and other programs take apart.

use crate::lint::Review;
use crate::report::visible_str;

/// `path:line:column: error[HP201] message`, a line for each finding.
pub fn concise(reviews: &[Review]) -> String {
    let mut lines = String::new();
    for review in reviews {
        for finding in &review.findings {
            let place = review.source.position(finding.at.start);
            let (severity, code) = (finding.severity.word(), finding.code());
            let (name, message) = (review.source.name(), &finding.message);
            let line =
                format!("{name}:{}:{}: {severity}[{code}] {message}", place.line, place.column);
            lines.push_str(&visible_str(&line).replace('\n', " "));
            lines.push('\n');
        }
    }
    lines
}
