//! What tells variants of a language apart: names of scripts and regions in English, with their codes.
//!
//! No more than subtitles are made for; a region that is not here is shown by its code.

/// The name of a script (ISO 15924), with the code as it is written.
pub(super) fn script(code: &str) -> Option<(&'static str, &'static str)> {
    find(&SCRIPTS, code)
}

/// The name of a region (ISO 3166-1, UN M.49), with the code as it is written.
pub(super) fn region(code: &str) -> Option<(&'static str, &'static str)> {
    find(&REGIONS, code)
}

/// By the name of a region, in any case.
pub(super) fn region_by_name(of: &str) -> Option<(&'static str, &'static str)> {
    REGIONS
        .into_iter()
        .find(|(_, name)| name.eq_ignore_ascii_case(of))
}

fn find(
    table: &[(&'static str, &'static str)],
    code: &str,
) -> Option<(&'static str, &'static str)> {
    table
        .iter()
        .find(|(own, _)| own.eq_ignore_ascii_case(code))
        .copied()
}

const SCRIPTS: [(&str, &str); 8] = [
    ("Arab", "Arabic"),
    ("Cyrl", "Cyrillic"),
    ("Deva", "Devanagari"),
    ("Guru", "Gurmukhi"),
    ("Hans", "Simplified"),
    ("Hant", "Traditional"),
    ("Hebr", "Hebrew"),
    ("Latn", "Latin"),
];

/// Those that tell variants of a language apart. Others are shown by their code.
const REGIONS: [(&str, &str); 60] = [
    ("AE", "United Arab Emirates"),
    ("AR", "Argentina"),
    ("AT", "Austria"),
    ("AU", "Australia"),
    ("BD", "Bangladesh"),
    ("BE", "Belgium"),
    ("BG", "Bulgaria"),
    ("BR", "Brazil"),
    ("CA", "Canada"),
    ("CH", "Switzerland"),
    ("CL", "Chile"),
    ("CN", "China"),
    ("CO", "Colombia"),
    ("CZ", "Czechia"),
    ("DE", "Germany"),
    ("DK", "Denmark"),
    ("EG", "Egypt"),
    ("ES", "Spain"),
    ("FI", "Finland"),
    ("FR", "France"),
    ("GB", "United Kingdom"),
    ("GR", "Greece"),
    ("HK", "Hong Kong"),
    ("HU", "Hungary"),
    ("ID", "Indonesia"),
    ("IE", "Ireland"),
    ("IL", "Israel"),
    ("IN", "India"),
    ("IR", "Iran"),
    ("IT", "Italy"),
    ("JP", "Japan"),
    ("KR", "South Korea"),
    ("LU", "Luxembourg"),
    ("MA", "Morocco"),
    ("MO", "Macao"),
    ("MX", "Mexico"),
    ("MY", "Malaysia"),
    ("NL", "Netherlands"),
    ("NO", "Norway"),
    ("NZ", "New Zealand"),
    ("PE", "Peru"),
    ("PH", "Philippines"),
    ("PK", "Pakistan"),
    ("PL", "Poland"),
    ("PT", "Portugal"),
    ("RO", "Romania"),
    ("RS", "Serbia"),
    ("RU", "Russia"),
    ("SA", "Saudi Arabia"),
    ("SE", "Sweden"),
    ("SG", "Singapore"),
    ("SK", "Slovakia"),
    ("TH", "Thailand"),
    ("TR", "Türkiye"),
    ("TW", "Taiwan"),
    ("UA", "Ukraine"),
    ("US", "United States"),
    ("VN", "Vietnam"),
    ("ZA", "South Africa"),
    ("419", "Latin America"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_and_every_name_stands_once() {
        for table in [&SCRIPTS[..], &REGIONS[..]] {
            let codes: BTreeSet<_> = table.iter().map(|row| row.0).collect();
            let names: BTreeSet<_> = table.iter().map(|row| row.1).collect();
            assert_eq!((codes.len(), names.len()), (table.len(), table.len()));
        }
    }
}
