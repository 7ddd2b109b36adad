//! Which runbook fits: what was asked for, where it is found on a card, and what fits better.

use std::collections::BTreeSet;

use crate::document::nearest;

use super::card::Card;

/// What is looked for. All of it must be found.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Words, each to be found anywhere.
    pub words: Vec<String>,
    /// The alert that fired.
    pub alert: Option<String>,
    /// The system.
    pub system: Option<String>,
}

/// Where something was found, the best place first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Place {
    Alert,
    Id,
    Title,
    Symptom,
    Rest,
}

/// Something of what is looked for, found on a card.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Match {
    /// What it was found in, such as `symptom`.
    pub field: &'static str,
    /// The text there.
    pub text: String,
    /// How good that is: the place, and how exactly it fits there; less is better.
    worth: (Place, Exactness),
}

/// How exactly a text is what was looked for.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Exactness {
    Same,
    OtherCase,
    Part,
}

impl Wanted {
    /// What was typed; a word may have been typed in quotes with others.
    pub fn typed(query: &[String], alert: Option<&str>, system: Option<&str>) -> Wanted {
        let words = query.iter().flat_map(|typed| typed.split_whitespace());
        let given = |text: Option<&str>| text.map(|text| text.trim().to_owned());
        Wanted {
            words: words.map(str::to_owned).collect(),
            alert: given(alert),
            system: given(system),
        }
    }

    /// Whether everything fits.
    pub fn is_anything(&self) -> bool {
        self.words.is_empty() && self.alert.is_none() && self.system.is_none()
    }

    /// Where each thing that is looked for is found best; none when one is not found.
    fn found_on(&self, card: &Card) -> Option<Vec<Match>> {
        let fields = fields(card);
        let in_fields = |wanted: &str, names: &[&str]| {
            let fields =
                fields.iter().filter(|(name, ..)| names.is_empty() || names.contains(name));
            best(fields, wanted)
        };
        let words = self.words.iter().map(|word| in_fields(word, &[]));
        let alert = self.alert.iter().map(|alert| in_fields(alert, &["alert"]));
        let system = self.system.iter().map(|system| in_fields(system, &["system"]));
        alert.chain(words).chain(system).collect()
    }
}

/// The fields of a card that are searched: the name of each, its place and its text.
fn fields(card: &Card) -> Vec<(&'static str, Place, &str)> {
    let mut fields =
        vec![("id", Place::Id, card.id.as_str()), ("title", Place::Title, &card.title)];
    let single = [("summary", &card.summary), ("system", &card.system)];
    fields.extend(
        single.into_iter().filter_map(|(name, it)| Some((name, Place::Rest, it.as_deref()?))),
    );
    let several = [
        ("alert", Place::Alert, &card.alerts),
        ("symptom", Place::Symptom, &card.symptoms),
        ("tag", Place::Rest, &card.tags),
        ("service", Place::Rest, &card.services),
    ];
    for (name, place, texts) in several {
        fields.extend(texts.iter().map(|text| (name, place, text.as_str())));
    }
    fields
}

/// The best of the fields that hold a text.
fn best<'f, 't: 'f>(
    fields: impl Iterator<Item = &'f (&'static str, Place, &'t str)>,
    wanted: &str,
) -> Option<Match> {
    let lower = wanted.to_lowercase();
    let matches = fields.filter_map(|(field, place, text)| {
        let exactness = match text.to_lowercase() {
            _ if *text == wanted => Exactness::Same,
            text if text == lower => Exactness::OtherCase,
            text if text.contains(&lower) => Exactness::Part,
            _ => return None,
        };
        // An alert whose name is only resembled says no more than a tag.
        let place = match exactness {
            Exactness::Part if *place == Place::Alert => Place::Rest,
            _ => *place,
        };
        Some(Match { field, text: (*text).to_owned(), worth: (place, exactness) })
    });
    matches.min_by_key(|found| found.worth)
}

/// The cards that fit, the best first and those of broken runbooks last, each with what was found.
pub fn ranked<'c>(cards: &'c [Card], wanted: &Wanted) -> Vec<(&'c Card, Vec<Match>)> {
    let found = |card: &'c Card| Some((card, wanted.found_on(card)?));
    let mut fits: Vec<_> = cards.iter().filter_map(found).collect();
    fits.sort_by_cached_key(|(card, matches)| {
        let mut worths: Vec<_> = matches.iter().map(|found| found.worth).collect();
        worths.sort_unstable();
        (card.problem.is_some(), worths, card.path.clone())
    });
    fits
}

/// What would help where nothing fits.
pub fn way_out(cards: &[Card], wanted: &Wanted) -> String {
    let of = |name: &str| -> BTreeSet<&str> {
        let all = cards.iter().flat_map(fields);
        all.filter(|(field, ..)| *field == name).map(|(_, _, text)| text).collect()
    };
    let (alerts, systems) = (of("alert"), of("system"));
    let is_alone = |wanted: Wanted| ranked(cards, &wanted).is_empty();
    if let Some(alert) = &wanted.alert
        && is_alone(Wanted { alert: Some(alert.clone()), ..Wanted::default() })
    {
        return meant(alert, "alerts", &alerts);
    }
    if let Some(system) = &wanted.system
        && is_alone(Wanted { system: Some(system.clone()), ..Wanted::default() })
    {
        return meant(system, "systems", &systems);
    }
    for word in &wanted.words {
        if is_alone(Wanted { words: vec![word.clone()], ..Wanted::default() }) {
            return match near(cards, word) {
                Some(near) => format!("no runbook has `{word}`; did you mean `{near}`?"),
                None => format!(
                    "no runbook has `{word}`: leave it out, or see all with: holdpoint list"
                ),
            };
        }
    }
    "each of these is found, but never in one runbook: ask for less".to_owned()
}

/// The name that was probably meant, else those that there are.
fn meant(name: &str, what: &str, known: &BTreeSet<&str>) -> String {
    const LISTED: usize = 8;
    if let Some(near) = nearest(name, known.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    let listed: Vec<&str> = known.iter().copied().take(LISTED).collect();
    match known.len() {
        0 => format!("no runbook here names any {what}; look for words: holdpoint list WORD"),
        number if number > LISTED => {
            format!("the {number} {what} here begin with {}", listed.join(", "))
        }
        _ => format!("the {what} here are {}", listed.join(", ")),
    }
}

/// The word of any runbook that was probably meant.
fn near(cards: &[Card], word: &str) -> Option<String> {
    let texts = cards.iter().flat_map(fields).map(|(_, _, text)| text);
    let is_between = |c: char| !c.is_alphanumeric();
    let words = texts.flat_map(|text| text.split(is_between).chain([text]));
    nearest(word, words.filter(|word| !word.is_empty())).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn card(id: &str, title: &str) -> Card {
        Card { path: format!("{id}.yaml"), id: id.into(), title: title.into(), ..Card::default() }
    }

    fn library() -> Vec<Card> {
        vec![
            Card { tags: texts(&["redis"]), ..card("cache-full", "The cache is full") },
            Card { symptoms: texts(&["Redis evicts keys"]), ..card("evictions", "Keys are lost") },
            Card {
                alerts: texts(&["RedisDown"]),
                system: Some("Sessions".into()),
                ..card("sessions", "Redis is down")
            },
            Card { alerts: texts(&["redisdown", "Redis"]), ..card("replica", "A replica is gone") },
            card("redis-restore", "Restore from a dump"),
        ]
    }

    fn ids(query: &[&str], alert: Option<&str>, system: Option<&str>) -> Vec<String> {
        let wanted = Wanted::typed(&texts(query), alert, system);
        ranked(&library(), &wanted).into_iter().map(|(card, _)| card.id.clone()).collect()
    }

    #[test]
    fn an_alert_beats_an_id_a_title_a_symptom_and_the_rest_in_this_order() {
        let found = ids(&["redis"], None, None);
        assert_eq!(found, ["replica", "redis-restore", "sessions", "evictions", "cache-full"]);
    }

    #[test]
    fn all_words_must_be_found_whatever_their_case_and_wherever() {
        assert_eq!(ids(&["REDIS", "down"], None, None), ["replica", "sessions"]);
        assert_eq!(ids(&["redis down"], None, None), ["replica", "sessions"]);
        assert_eq!(ids(&["redis", "nowhere"], None, None), [""; 0]);
    }

    #[test]
    fn an_alert_is_found_exactly_first_then_in_another_case_then_in_part() {
        assert_eq!(ids(&[], Some("RedisDown"), None), ["sessions", "replica"]);
        assert_eq!(ids(&[], Some("redisdown"), None), ["replica", "sessions"]);
        assert_eq!(ids(&[], Some("down"), None), ["replica", "sessions"]);
        assert_eq!(ids(&[], Some("evictions"), None), [""; 0], "only alerts count");
    }

    #[test]
    fn alert_system_and_words_must_all_fit() {
        assert_eq!(ids(&[], Some("down"), Some("session")), ["sessions"]);
        assert_eq!(ids(&["redis"], None, Some("sessions")), ["sessions"]);
        assert_eq!(ids(&["dump"], None, Some("sessions")), [""; 0]);
    }

    #[test]
    fn nothing_asked_for_lists_everything_by_path_and_the_broken_last() {
        let mut cards = library();
        cards[0].problem = Some("it is torn".into());
        let all = ranked(&cards, &Wanted::default());
        let ids: Vec<&str> = all.iter().map(|(card, _)| card.id.as_str()).collect();
        assert_eq!(ids, ["evictions", "redis-restore", "replica", "sessions", "cache-full"]);
        assert!(Wanted::default().is_anything());
    }

    #[test]
    fn an_id_that_is_the_word_beats_one_that_holds_it() {
        let cards = [card("a-redis", ""), card("redis", "")];
        let wanted = Wanted::typed(&texts(&["redis"]), None, None);
        assert_eq!(ranked(&cards, &wanted)[0].0.id, "redis");
    }

    #[test]
    fn what_was_found_is_told_with_its_text() {
        let wanted = Wanted::typed(&texts(&["evicts", "lost"]), None, None);
        let cards = library();
        let (_, matches) = &ranked(&cards, &wanted)[0];
        let told: Vec<_> = matches.iter().map(|found| (found.field, found.text.as_str())).collect();
        assert_eq!(told, [("symptom", "Redis evicts keys"), ("title", "Keys are lost")]);
    }

    #[test]
    fn where_nothing_fits_the_nearest_name_is_said() {
        let help = |query: &[&str], alert, system| {
            way_out(&library(), &Wanted::typed(&texts(query), alert, system))
        };
        assert_eq!(help(&[], Some("RedisDwon"), None), "did you mean `RedisDown`?");
        assert_eq!(
            help(&[], Some("DiskFull"), None),
            "the alerts here are Redis, RedisDown, redisdown"
        );
        assert_eq!(help(&[], None, Some("sesions")), "did you mean `Sessions`?");
        assert_eq!(
            help(&["redis", "restroe"], None, None),
            "no runbook has `restroe`; did you mean `Restore`?"
        );
        assert_eq!(
            help(&["kafka"], None, None),
            "no runbook has `kafka`: leave it out, or see all with: holdpoint list"
        );
        assert_eq!(
            help(&["dump", "evicts"], None, None),
            "each of these is found, but never in one runbook: ask for less"
        );
        let none = Wanted::typed(&[], Some("A"), None);
        assert_eq!(
            way_out(&[card("a", "")], &none),
            "no runbook here names any alerts; look for words: holdpoint list WORD"
        );
    }
}
