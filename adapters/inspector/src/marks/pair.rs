//! Who came of whom.

use serde_json::Value;

use super::Mark;
use super::leaves::Leaf;
use super::relate::{Relation, relate};
use super::why;

/// The leaves of where it comes from, and what has come of them.
pub(super) struct Pairs {
    side: &'static str,
    from: Vec<Leaf>,
    used: Vec<bool>,
    /// What there is on the other side.
    to: Vec<Leaf>,
    marks: Vec<Mark>,
}

impl Pairs {
    pub(super) fn new(side: &'static str, from: Vec<Leaf>) -> Self {
        Self {
            side,
            used: vec![false; from.len()],
            from,
            to: Vec::new(),
            marks: Vec::new(),
        }
    }

    pub(super) fn from(&self) -> &[Leaf] {
        &self.from
    }

    /// Looks for where each leaf has come from, among those whose path begins so.
    pub(super) fn add(&mut self, within: &str, to: &[Leaf]) {
        for leaf in to {
            self.to.push(leaf.clone());
            if !(self.joined(leaf) || self.one(within, leaf) || self.document(within, leaf)) {
                let why = why::added(&leaf.name);
                self.mark("added", None, Some(leaf), why.to_owned());
            }
        }
    }

    /// What nothing has come of.
    pub(super) fn finish(mut self) -> Vec<Mark> {
        let unused: Vec<_> = { self.from.iter().zip(&self.used) }
            .filter(|(leaf, used)| !**used && leaf.inner.is_none() && !self.is_said(leaf))
            .map(|(leaf, _)| leaf.clone())
            .collect();
        for (path, name, count) in groups(&unused, &self.from) {
            if name == "lambdaruntimedeadlinems" {
                let (native, portable) =
                    self.sides(Some(path), Some("context:time_left".to_owned()));
                self.push(
                    "moved",
                    native,
                    portable,
                    "the deadline, less a margin".to_owned(),
                );
                continue;
            }
            let mut own = unused.iter().filter(|leaf| leaf.path == path);
            let is_said = own.any(|leaf| {
                let is_telling = leaf.value.len() > 3;
                is_telling && self.to.iter().any(|to| to.value == leaf.value)
            });
            let why = if is_said {
                "it is said elsewhere too, and taken from there".to_owned()
            } else {
                why::dropped(&name, count, self.side)
            };
            let (native, portable) = self.sides(Some(path), None);
            self.push("dropped", native, portable, why);
        }
        self.marks
    }

    /// What the host says twice, by names that agree, is not lost where one of them is taken.
    fn is_said(&self, from: &Leaf) -> bool {
        let is_same = |to: &&Leaf| to.value == from.value;
        let mut said = self.to.iter().filter(is_same);
        said.any(|to| why::agree(&from.name, &to.name) > 0)
    }

    /// What has come of something, without what nothing has come of.
    pub(super) fn marks(self) -> Vec<Mark> {
        self.marks
    }

    fn one(&mut self, within: &str, to: &Leaf) -> bool {
        let candidates = self.from.iter().enumerate();
        let candidates = candidates.filter(|(_, from)| from.path.starts_with(within));
        let related = candidates.filter_map(|(place, from)| Some((place, relate(from, to)?)));
        let Some((place, relation)) = related.max_by_key(|(place, relation)| {
            // of several the first
            (relation.weight, usize::MAX - place)
        }) else {
            return false;
        };
        if let Some(used) = self.used.get_mut(place) {
            *used = true;
        }
        let Some(from) = self.from.get(place).cloned() else {
            return false;
        };
        self.tell(&from, to, &relation);
        true
    }

    fn tell(&mut self, from: &Leaf, to: &Leaf, relation: &Relation) {
        let (what, why) = match (relation.how, from.inner) {
            (Some((what, how)), _) => (what, how.to_owned()),
            (None, Some(how)) => ("decoded", format!("it was {how}")),
            (None, None) if from.name == to.name && !is_elsewhere(from, to) => return,
            (None, None) => ("moved", why::moved(&from.name, &to.name)),
        };
        self.mark(what, Some(from), Some(to), why);
    }

    /// Several values of one name that have become one.
    fn joined(&mut self, to: &Leaf) -> bool {
        let group = |leaf: &Leaf| match leaf.path.rsplit_once('/') {
            Some((parent, place)) if place.bytes().all(|byte| byte.is_ascii_digit()) => {
                parent.to_owned()
            }
            _ => leaf.path.clone(),
        };
        let named = |leaf: &Leaf| {
            let is_cookie = (leaf.name.as_str(), to.name.as_str()) == ("cookies", "cookie");
            (is_cookie || leaf.name == to.name) && leaf.inner.is_none()
        };
        let Some(first) = self.from.iter().find(|leaf| named(leaf)).cloned() else {
            return false;
        };
        let places: Vec<_> = { self.from.iter().enumerate() }
            .filter(|(_, leaf)| named(leaf) && group(leaf) == group(&first))
            .map(|(place, _)| place)
            .collect();
        if places.len() < 2 {
            return false;
        }
        let values: Vec<_> = { places.iter() }
            .filter_map(|place| self.from.get(*place).map(|leaf| leaf.value.clone()))
            .collect();
        let separator = [", ", "; ", ","].into_iter();
        let separator = { separator }.find(|by| values.join(by.as_bytes()) == to.value);
        let Some(separator) = separator else {
            return false;
        };
        for place in &places {
            if let Some(used) = self.used.get_mut(*place) {
                *used = true;
            }
        }
        let why = format!("{} values, joined by {separator:?}", places.len());
        self.mark("joined", Some(&first), Some(to), why);
        true
    }

    /// A document that was a part of another.
    fn document(&mut self, within: &str, to: &Leaf) -> bool {
        let is_document = matches!(to.value.first(), Some(b'{' | b'['));
        let wanted = is_document.then(|| serde_json::from_slice::<Value>(&to.value).ok());
        let Some(wanted) = wanted.flatten() else {
            return false;
        };
        let mut leaves = Vec::new();
        super::leaves::flatten_into(&wanted, &mut leaves);
        let leaves: Vec<_> = leaves.iter().filter(|leaf| leaf.inner.is_none()).collect();
        let Some(first) = leaves.first() else {
            return false;
        };
        let starts: Vec<_> = { self.from.iter() }
            .filter(|leaf| leaf.path.starts_with(within) && leaf.inner.is_none())
            .filter(|leaf| leaf.value == first.value)
            .filter_map(|leaf| leaf.path.strip_suffix(&first.path).map(str::to_owned))
            .collect();
        for start in starts {
            let places: Option<Vec<_>> = { leaves.iter() }
                .map(|leaf| {
                    let path = format!("{start}{}", leaf.path);
                    let mut from = self.from.iter();
                    from.position(|from| from.path == path && from.value == leaf.value)
                })
                .collect();
            let Some(places) = places else { continue };
            for place in places {
                if let Some(used) = self.used.get_mut(place) {
                    *used = true;
                }
            }
            let (native, portable) = self.sides(Some(start), Some(to.path.clone()));
            let why = "this part of the document, as it stands there".to_owned();
            self.push("moved", native, portable, why);
            return true;
        }
        false
    }

    fn mark(&mut self, what: &'static str, from: Option<&Leaf>, to: Option<&Leaf>, why: String) {
        let path = |leaf: Option<&Leaf>| leaf.map(|leaf| leaf.path.clone());
        let (native, portable) = self.sides(path(from), path(to));
        self.push(what, native, portable, why);
    }

    fn push(
        &mut self,
        what: &'static str,
        native: Option<String>,
        portable: Option<String>,
        why: String,
    ) {
        let mark = Mark {
            side: self.side,
            what,
            native,
            portable,
            why,
        };
        if !self.marks.contains(&mark) {
            self.marks.push(mark);
        }
    }

    /// On the way out the portable side is where it comes from.
    fn sides(&self, from: Option<String>, to: Option<String>) -> (Option<String>, Option<String>) {
        if self.side == "in" {
            (from, to)
        } else {
            (to, from)
        }
    }
}

/// A header that is in the URI too.
fn is_elsewhere(from: &Leaf, to: &Leaf) -> bool {
    to.path == "uri" && from.path.starts_with("header:")
}

/// Leaves of which nothing has come, those that stand together told as one.
fn groups(unused: &[Leaf], all: &[Leaf]) -> Vec<(String, String, usize)> {
    let mut groups: Vec<(String, String, usize)> = Vec::new();
    for leaf in unused {
        let whole = ancestors(&leaf.path).find(|parent| {
            let under = |leaf: &&Leaf| leaf.path.starts_with(*parent);
            let own = all
                .iter()
                .filter(|leaf| leaf.inner.is_none())
                .filter(under)
                .count();
            own > 1 && own == unused.iter().filter(under).count()
        });
        let (path, name) = match whole {
            Some(parent) => {
                let path = parent.trim_end_matches('/');
                let name = path.rsplit('/').next().unwrap_or_default();
                (path.to_owned(), super::leaves::normal(name))
            }
            None => (leaf.path.clone(), leaf.name.clone()),
        };
        match groups.iter_mut().find(|(known, ..)| *known == path) {
            Some((.., count)) => *count += 1,
            None => groups.push((path, name, 1)),
        }
    }
    groups
}

/// `/a/b/c`: `/a/`, `/a/b/`; the document itself is none.
fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    let borders = path.match_indices('/').skip(1);
    borders.filter_map(|(at, _)| path.get(..=at))
}
