//! The facts of the store as somebody types them.

use domain::pages::settings::{OldPrices, Policy, SaleMails, StoreSettings};
use domain::word::Word;
use serde::{Deserialize, Serialize};

/// The form as it is typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreForm {
    /// The revision that the form was made from.
    #[serde(default)]
    pub revision: String,
    /// The newer one that its member saw and saves on top of; else empty.
    #[serde(default)]
    pub on_top: String,
    pub name: String,
    pub tagline: String,
    pub legal_name: String,
    pub address: String,
    pub tax_id: String,
    pub currency: String,
    pub time_zone: String,
    pub support_email: String,
    pub sender_name: String,
    #[serde(default)]
    pub sale_mails: String,
    pub download_limit: String,
    pub activation_limit: String,
    pub terms_text: String,
    pub privacy_text: String,
    pub refund_text: String,
    #[serde(default)]
    pub refund_days: String,
    /// What becomes of prices in the old currency, where it changes.
    #[serde(default)]
    pub old_prices: String,
}

impl From<(StoreSettings, i64)> for StoreForm {
    fn from((stands, revision): (StoreSettings, i64)) -> Self {
        let number = |limit: Option<i64>| limit.map(|limit| limit.to_string()).unwrap_or_default();
        Self {
            revision: revision.to_string(),
            on_top: String::new(),
            name: stands.name,
            tagline: stands.tagline,
            legal_name: stands.legal_name,
            address: stands.address,
            tax_id: stands.tax_id,
            currency: stands.currency,
            time_zone: stands.time_zone,
            support_email: stands.support_email.unwrap_or_default(),
            sender_name: stands.sender_name,
            sale_mails: stands.sale_mails.as_str().to_owned(),
            download_limit: number(stands.download_limit),
            activation_limit: number(stands.activation_limit),
            terms_text: stands.terms_text,
            privacy_text: stands.privacy_text,
            refund_text: stands.refund_text,
            refund_days: number(stands.refund_days),
            old_prices: OldPrices::SameNumbers.as_str().to_owned(),
        }
    }
}

impl StoreForm {
    /// Labels and values, to be held against what is saved.
    pub(super) fn fields(&self) -> [(&'static str, &str); 16] {
        [
            ("Name", &self.name),
            ("Tagline", &self.tagline),
            ("Email for customers", &self.support_email),
            ("Legal name", &self.legal_name),
            ("Address", &self.address),
            ("Tax ID", &self.tax_id),
            ("Currency", &self.currency),
            ("Time zone", &self.time_zone),
            ("Downloads per file", &self.download_limit),
            ("Devices per license", &self.activation_limit),
            ("Sender's name", &self.sender_name),
            ("Emails about sales", self.sale_mails.parse().map_or("", SaleMails::label)),
            (Policy::Terms.label(), &self.terms_text),
            (Policy::Privacy.label(), &self.privacy_text),
            (Policy::Refunds.label(), &self.refund_text),
            ("Days for refunds", &self.refund_days),
        ]
    }

    pub(super) fn settings(self) -> shop::Result<StoreSettings> {
        let invalid = |_| shop::Error::refused("limit_invalid", "A limit is a whole number; leave it empty for none.");
        let number = |text: &str| match text.trim() {
            "" => Ok(None),
            text => text.parse().map(Some).map_err(invalid),
        };
        let refund_days = number(&self.refund_days).map_err(|_| {
            shop::Error::refused("refund_days_invalid", "A number of days is whole; leave it empty to say nothing.").at("refund_days")
        })?;
        Ok(StoreSettings {
            download_limit: number(&self.download_limit).map_err(|error| error.at("download_limit"))?,
            activation_limit: number(&self.activation_limit).map_err(|error| error.at("activation_limit"))?,
            support_email: Some(self.support_email),
            name: self.name,
            tagline: self.tagline,
            legal_name: self.legal_name,
            address: self.address,
            tax_id: self.tax_id,
            currency: self.currency,
            time_zone: self.time_zone,
            sender_name: self.sender_name,
            sale_mails: sale_mails(&self.sale_mails)?,
            terms_text: self.terms_text,
            privacy_text: self.privacy_text,
            refund_text: self.refund_text,
            refund_days,
        })
    }
}

/// A form that was filled in before there was the choice says nothing of it.
fn sale_mails(word: &str) -> shop::Result<SaleMails> {
    match word {
        "" => Ok(SaleMails::default()),
        word => word.parse().map_err(|_| shop::Error::refused("sale_mails_unknown", "Choose from the list.").at("sale_mails")),
    }
}
