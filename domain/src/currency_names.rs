//! What currencies are called, for those who choose one.

use crate::money::Currency;

/// Codes and names, in the order of the alphabet. Source: ISO 4217.
const NAMES: &str = "\
    AED UAE dirham|AFN Afghan afghani|ALL Albanian lek|AMD Armenian dram|ANG Netherlands Antillean guilder|AOA Angolan kwanza|\
    ARS Argentine peso|AUD Australian dollar|AWG Aruban florin|AZN Azerbaijani manat|BAM Bosnian convertible mark|BBD Barbados dollar|\
    BDT Bangladeshi taka|BGN Bulgarian lev|BHD Bahraini dinar|BIF Burundian franc|BMD Bermudian dollar|BND Brunei dollar|\
    BOB Bolivian boliviano|BRL Brazilian real|BSD Bahamian dollar|BWP Botswana pula|BYN Belarusian ruble|BZD Belize dollar|\
    CAD Canadian dollar|CDF Congolese franc|CHF Swiss franc|CLP Chilean peso|CNY Chinese yuan|COP Colombian peso|CRC Costa Rican colón|\
    CVE Cape Verdean escudo|CZK Czech koruna|DJF Djiboutian franc|DKK Danish krone|DOP Dominican peso|DZD Algerian dinar|\
    EGP Egyptian pound|ETB Ethiopian birr|EUR Euro|FJD Fijian dollar|FKP Falkland Islands pound|GBP British pound|GEL Georgian lari|\
    GIP Gibraltar pound|GMD Gambian dalasi|GNF Guinean franc|GTQ Guatemalan quetzal|GYD Guyanese dollar|HKD Hong Kong dollar|\
    HNL Honduran lempira|HTG Haitian gourde|HUF Hungarian forint|IDR Indonesian rupiah|ILS Israeli new shekel|INR Indian rupee|\
    ISK Icelandic króna|JMD Jamaican dollar|JOD Jordanian dinar|JPY Japanese yen|KES Kenyan shilling|KGS Kyrgyzstani som|\
    KHR Cambodian riel|KMF Comorian franc|KRW South Korean won|KWD Kuwaiti dinar|KYD Cayman Islands dollar|KZT Kazakhstani tenge|\
    LAK Lao kip|LBP Lebanese pound|LKR Sri Lankan rupee|LRD Liberian dollar|LSL Lesotho loti|MAD Moroccan dirham|MDL Moldovan leu|\
    MGA Malagasy ariary|MKD Macedonian denar|MMK Myanmar kyat|MNT Mongolian tögrög|MOP Macanese pataca|MUR Mauritian rupee|\
    MVR Maldivian rufiyaa|MWK Malawian kwacha|MXN Mexican peso|MYR Malaysian ringgit|MZN Mozambican metical|NAD Namibian dollar|\
    NGN Nigerian naira|NIO Nicaraguan córdoba|NOK Norwegian krone|NPR Nepalese rupee|NZD New Zealand dollar|OMR Omani rial|\
    PAB Panamanian balboa|PEN Peruvian sol|PGK Papua New Guinean kina|PHP Philippine peso|PKR Pakistani rupee|PLN Polish złoty|\
    PYG Paraguayan guaraní|QAR Qatari riyal|RON Romanian leu|RSD Serbian dinar|RUB Russian ruble|RWF Rwandan franc|SAR Saudi riyal|\
    SBD Solomon Islands dollar|SCR Seychellois rupee|SEK Swedish krona|SGD Singapore dollar|SHP Saint Helena pound|\
    SLE Sierra Leonean leone|SOS Somali shilling|SRD Surinamese dollar|STD São Tomé and Príncipe dobra|SZL Swazi lilangeni|THB Thai baht|\
    TJS Tajikistani somoni|TND Tunisian dinar|TOP Tongan paʻanga|TRY Turkish lira|TTD Trinidad and Tobago dollar|TWD New Taiwan dollar|\
    TZS Tanzanian shilling|UAH Ukrainian hryvnia|UGX Ugandan shilling|USD US dollar|UYU Uruguayan peso|UZS Uzbekistani sum|\
    VND Vietnamese dong|VUV Vanuatu vatu|WST Samoan tālā|XAF Central African CFA franc|XCD East Caribbean dollar|\
    XOF West African CFA franc|XPF CFP franc|YER Yemeni rial|ZAR South African rand|ZMW Zambian kwacha";

/// The codes of all currencies that can be charged, each with its name: `EUR`, `EUR · Euro`.
pub fn currency_options() -> Vec<(String, String)> {
    let named = |code: &'static str| {
        let name = NAMES.split('|').find_map(|entry| entry.strip_prefix(code)).map_or(code.to_owned(), |name| format!("{code} ·{name}"));
        (code.to_owned(), name)
    };
    Currency::codes().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_currency_has_its_name() {
        let options = currency_options();
        assert_eq!(options.iter().find(|(code, _)| code == "EUR").unwrap().1, "EUR · Euro");
        assert!(options.iter().all(|(code, name)| name.starts_with(&format!("{code} · "))), "{options:?}");
        assert_eq!(NAMES.split('|').count(), options.len());
    }
}
