//! The editor's form: a product as texts, and texts as a product, with what is wrong beside its field.

use super::check::{MAX_VARIANTS, check, wrong_number};
use super::{all_categories, bundles, checklist, create_product, draft, edit, slugs, tags, terms, update_product};
use crate::accounts::audit::Actor;
use crate::base::entities::{product, store};
use crate::base::once::Once;
use crate::stores::calendar::Calendar;
use crate::{Error, Result, Shop, stores};
use domain::catalog::{Kind, ProductStatus};
use domain::draft::{ProductDraft, ProductTexts, TierDraft, TierPrice};
use domain::license::LicensePolicy;
use domain::money::{Currency, MAX_CHARGE, Money};
use domain::pages::goods::{
    CategoryRow, EditedProduct, EditorAct, EditorChoices, ProductForm, TierForm, pair_lines, parse_pairs, parse_tags,
};
use domain::terms::LicenseTerms;
use domain::text::{tidy, typed};
use domain::tier::TierRef;
use domain::word::Word;

/// The fields that the form calls otherwise than the API.
const NAMES: [(&str, &str); 6] = [
    ("license", "keys"),
    ("variants", "tiers"),
    ("amount", "price"),
    ("suggested_amount", "suggested"),
    ("includes", "include"),
    ("published_at", "publish_at"),
];

/// The form of a product that is there.
///
/// # Errors
/// `NotFound`.
pub async fn edited(shop: &Shop, slug: &str) -> Result<EditedProduct> {
    let row = edit::find(shop, slug).await?;
    let draft = draft::read(&shop.db, &row).await?;
    let status = draft.status;
    let calendar = Calendar::of(shop).await?;
    let appears_at = row.published_at.filter(|at| *at > shop.clock.now_ms());
    let placed = checklist::placed(shop, row.id).await?;
    let checklist = checklist::checklist(shop, &row, &placed, &draft.tiers).await?;
    let form = ProductForm {
        product: row.slug.clone(),
        revision: row.revision.to_string(),
        on_top: String::new(),
        publish_anyway: String::new(),
        texts: draft.texts,
        slug: row.slug.clone(),
        kind: draft.kind.as_str().to_owned(),
        category: draft.category.unwrap_or_default(),
        tags: draft.tags.join(", "),
        metadata: pair_lines(&draft.metadata),
        status: status.as_str().to_owned(),
        publish_at: appears_at.map(|at| calendar.minute(at)).unwrap_or_default(),
        publish_at_shown: calendar.shown(appears_at),
        currency: row.currency.code().to_owned(),
        tiers: draft.tiers.into_iter().filter(|tier| !tier.is_archived).map(tier_form).collect(),
        shows_preview: false,
    };
    Ok(EditedProduct {
        form,
        id: row.id,
        slug: row.slug,
        title: row.title,
        status,
        revision: row.revision,
        appears_at: appears_at.filter(|_| status.is_on_sale()),
        updated_at: row.updated_at,
        updated_by: row.updated_by,
        n_sold: row.n_sold,
        n_files: placed.n_files(),
        checklist,
    })
}

fn tier_form(tier: TierDraft) -> TierForm {
    let money = |amount| plain(Money::new(amount, tier.price.currency));
    let number = |limit: Option<i64>| limit.map(|limit| limit.to_string()).unwrap_or_default();
    let checked = |is_so: bool| if is_so { "on".to_owned() } else { String::new() };
    TierForm {
        known: tier.key.clone(),
        price: money(tier.price.amount),
        compare_at: tier.price.compare_at.map(money).unwrap_or_default(),
        attributes: pair_lines(&tier.attributes),
        download_limit: number(tier.download_limit),
        license: checked(tier.has_license),
        activation_limit: number(tier.activation_limit),
        expires_after_days: number(tier.expires_after_days),
        keys: tier.license_policy.into(),
        terms: tier.terms.as_str().to_owned(),
        pay_what_you_want: checked(tier.price.pay_what_you_want),
        suggested: tier.price.suggested_amount.map(money).unwrap_or_default(),
        includes: tier.includes.iter().map(TierRef::to_string).collect::<Vec<_>>().join(", "),
        include: String::new(),
        key: tier.key,
        name: tier.name,
        summary: tier.summary,
    }
}

/// An amount as [`Money::parse`] reads it.
fn plain(money: Money) -> String {
    let decimals = money.currency.decimals();
    let unit = 10i64.pow(decimals);
    if decimals == 0 {
        return money.amount.to_string();
    }
    format!("{}.{:0width$}", money.amount / unit, money.amount % unit, width = decimals as usize)
}

/// The form of a new product: one tier, limits as the store has them.
pub async fn blank_form(shop: &Shop) -> Result<ProductForm> {
    let store = stores::load(shop).await?;
    let tier = TierForm { name: "Standard".to_owned(), ..blank_tier(&store) };
    Ok(ProductForm {
        kind: Kind::Book.as_str().to_owned(),
        status: ProductStatus::Draft.as_str().to_owned(),
        currency: store.currency.code().to_owned(),
        tiers: vec![tier],
        ..ProductForm::default()
    })
}

fn blank_tier(store: &store::Model) -> TierForm {
    TierForm {
        terms: LicenseTerms::Personal.as_str().to_owned(),
        activation_limit: store.activation_limit.map(|limit| limit.to_string()).unwrap_or_default(),
        ..TierForm::default()
    }
}

/// Does what a button asks for that changes the form alone; tells where on the page that is. A new tier begins with the limits
/// that the store has.
///
/// # Errors
/// Refuses to let a tier come with something that isn't there, with the form's own name of the field.
pub async fn act_on_form(shop: &Shop, form: &mut ProductForm, act: EditorAct) -> Result<String> {
    if let EditorAct::Include(n) = act
        && let Some(tier) = form.tiers.get_mut(n).filter(|tier| !tier.include.trim().is_empty())
    {
        tier.include = bundles::meant(shop, &tier.include).await.map_err(|error| error.at(format!("tiers.{n}.include")))?;
    }
    let place = form.act(act);
    if let (EditorAct::AddTier, Some(tier)) = (act, form.tiers.last_mut()) {
        *tier = blank_tier(&stores::load(shop).await?);
    }
    Ok(place)
}

/// Slugs and names of all categories, those below another one a step to the right.
pub async fn category_choices(shop: &Shop) -> Result<Vec<(String, String)>> {
    let indented = |row: CategoryRow| (row.slug, format!("{}{}", "\u{2014} ".repeat(row.depth), row.name));
    Ok(all_categories(shop).await?.into_iter().map(indented).collect())
}

/// What the editor offers to choose from.
pub async fn choices(shop: &Shop) -> Result<EditorChoices> {
    Ok(EditorChoices {
        time_zone: Calendar::of(shop).await?.name().to_owned(),
        categories: category_choices(shop).await?,
        terms: terms::terms(shop).await?,
        currency: stores::currency(shop).await?.code().to_owned(),
        tags: tags::tags(shop).await?.into_iter().take(200).map(|row| row.name).collect(),
        tiers: bundles::choices(shop).await?,
    })
}

/// Makes or changes the product that the form is about; tells its slug. One `attempt` makes one product, however often it is sent.
///
/// # Errors
/// What is wrong, with the form's own name of the field; `nothing_to_deliver`, as a question, where it goes on sale and has a tier
/// that delivers nothing.
pub async fn save_form(shop: &Shop, by: &Actor, form: &ProductForm, attempt: Option<String>) -> Result<String> {
    save(shop, by, form, attempt).await.map_err(|error| error.renamed(&NAMES))
}

/// Names what was typed for a bundle as tiers are named.
async fn find_typed(shop: &Shop, form: &mut ProductForm) -> Result<()> {
    for (n, tier) in form.tiers.iter_mut().enumerate().filter(|(_, tier)| !tier.include.trim().is_empty()) {
        tier.include = bundles::meant(shop, &tier.include).await.map_err(|error| error.at(format!("tiers.{n}.include")))?;
    }
    Ok(())
}

async fn save(shop: &Shop, by: &Actor, sent: &ProductForm, attempt: Option<String>) -> Result<String> {
    let mut form = sent.clone();
    find_typed(shop, &mut form).await?;
    let form = &form;
    let row = if form.product.is_empty() { None } else { Some(find_now(shop, &form.product).await?) };
    let currency = match &row {
        // Only one that is priced in another currency than the store's has the field.
        Some(row) if form.currency.is_empty() => Ok(*row.currency),
        Some(_) => Currency::parse(&form.currency),
        None => Ok(stores::currency(shop).await?),
    };
    let currency = currency.map_err(|error| Error::refused("currency_invalid", format!("{error}.")).at("currency"))?;
    let published_at = publish_at(form, &Calendar::of(shop).await?, shop.clock.now_ms())?;
    let mut draft = ProductDraft { published_at, ..read_form(form, currency)? };
    let is_asked = form.publish_anyway.is_empty();
    if let Some(row) = row {
        if is_asked {
            checklist::check_delivers(shop, Some(&row), &draft).await?;
        }
        let revision = if form.on_top.is_empty() { form.revision.parse().ok() } else { None };
        let change = |stands: &mut ProductDraft| {
            *stands = draft.clone();
            Ok(())
        };
        return match update_product(shop, by, &row.slug, revision, change).await {
            // Another save, as the first of two clicks, has just given it another slug.
            Err(Error::NotFound) => update_product(shop, by, &slugs::slug_now(shop, &row.slug).await?, revision, change).await,
            outcome => outcome,
        };
    }
    draft.tidy();
    if is_asked {
        // What is wrong with it is told before the question.
        check(&draft, None)?;
        checklist::check_delivers(shop, None, &draft).await?;
    }
    if let (None, Some(slug)) = (&draft.slug, slugs::from_title(&draft.texts.title)) {
        draft.slug = Some(slugs::free(&shop.db, shop, slug.as_str()).await?);
    }
    let once = Once::new(attempt, ("product", sent));
    Ok(create_product(shop, by, draft, once.as_ref()).await?.slug)
}

/// The product that has or had this slug.
async fn find_now(shop: &Shop, slug: &str) -> Result<product::Model> {
    match edit::find(shop, &slugs::slug_now(shop, slug).await?).await {
        // Another save, as the first of two clicks, gave it another slug between the two questions.
        Err(Error::NotFound) => edit::find(shop, &slugs::slug_now(shop, slug).await?).await,
        found => found,
    }
}

/// What was typed, but for when it appears.
fn read_form(form: &ProductForm, currency: Currency) -> Result<ProductDraft> {
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    Ok(ProductDraft {
        texts: ProductTexts { description: form.texts.description.replace("\r\n", "\n"), ..form.texts.clone() },
        slug: filled(typed(&form.slug)),
        kind: Kind::from_word(&form.kind),
        category: filled(form.category.clone()),
        tags: parse_tags(&form.tags),
        metadata: pairs(&form.metadata, "metadata_invalid").map_err(|error| error.at("metadata"))?,
        status: form.status.parse().map_err(|_| Error::refused("status_invalid", "Choose one of these.").at("status"))?,
        published_at: None,
        tiers: read_tiers(&form.tiers, currency)?,
    })
}

fn pairs(text: &str, code: &'static str) -> Result<Vec<(String, String)>> {
    parse_pairs(text).map_err(|line| Error::refused(code, format!("\u{201c}{line}\u{201d} is not of the form name = value.")))
}

/// When it appears, typed in the store's own time; nothing for at once.
fn publish_at(form: &ProductForm, calendar: &Calendar, now: i64) -> Result<Option<i64>> {
    let refused = |message: &str| Error::refused("published_at_invalid", message).at("publish_at");
    match calendar.read_field(&form.publish_at, &form.publish_at_shown) {
        Ok(None) => Ok(None),
        Ok(Some(at)) if at > now => Ok(Some(at)),
        // It has come while the form stood open.
        Ok(Some(at)) if form.publish_at_shown.starts_with(&format!("{at}@")) => Ok(None),
        // Of what was archived or put back, an old date may still stand there.
        Ok(Some(_)) if !form.status.parse::<ProductStatus>().ok().is_some_and(ProductStatus::is_on_sale) => Ok(None),
        Ok(Some(_)) => Err(refused("This time has passed. Leave it empty to publish at once.")),
        Err(error) => Err(refused(&error.to_string())),
    }
}

fn read_tiers(tiers: &[TierForm], currency: Currency) -> Result<Vec<TierDraft>> {
    if tiers.len() > MAX_VARIANTS {
        return Err(wrong_number());
    }
    let mut read: Vec<TierDraft> = Vec::with_capacity(tiers.len());
    for (i, tier) in tiers.iter().enumerate() {
        read.push(read_tier(i, tier, &read, currency).map_err(|error| error.within(&format!("tiers.{i}")))?);
    }
    Ok(read)
}

fn read_tier(i: usize, tier: &TierForm, before: &[TierDraft], currency: Currency) -> Result<TierDraft> {
    let at = |field: &str, code: &'static str, text: String| Error::refused(code, text).at(field);
    let dearest = Money::new(MAX_CHARGE, currency);
    let amount = |field: &str, code: &'static str, text: &str| match Money::parse(text, currency) {
        Some(money) if money.amount <= MAX_CHARGE => Ok(money.amount),
        _ => Err(at(field, code, format!("Write the price as a number, such as {}, at most {dearest}.", Money::example(currency)))),
    };
    if tier.price.trim().is_empty() {
        return Err(at("price", "amount_invalid", "The tier needs a price; 0 is free.".to_owned()));
    }
    let limit = |field: &str, text: &str| match text.trim() {
        "" => Ok(None),
        text => match text.parse::<i64>() {
            Ok(limit) if (1..=1_000_000).contains(&limit) => Ok(Some(limit)),
            _ => Err(at(field, "limit_invalid", "Write a whole number from 1 to 1000000, or leave it empty for no limit.".to_owned())),
        },
    };
    let (has_license, pay_what_you_want) = (!tier.license.is_empty(), !tier.pay_what_you_want.is_empty());
    // Without a key there is nothing to limit.
    let of_license = |field: &str, text: &str| if has_license { limit(field, text) } else { Ok(None) };
    Ok(TierDraft {
        key: key(i, tier, before),
        name: tidy(&tier.name),
        summary: tidy(&tier.summary),
        terms: tier.terms.parse().unwrap_or_default(),
        price: TierPrice {
            amount: amount("price", "amount_invalid", &tier.price)?,
            currency,
            pay_what_you_want,
            suggested_amount: match tier.suggested.trim() {
                "" => None,
                // Without a price to name there is nothing to suggest.
                _ if !pay_what_you_want => None,
                text => Some(amount("suggested", "suggested_amount_invalid", text)?),
            },
            compare_at: match tier.compare_at.trim() {
                "" => None,
                text => Some(amount("compare_at", "compare_at_invalid", text)?),
            },
        },
        attributes: pairs(&tier.attributes, "attributes_invalid").map_err(|error| error.at("attributes"))?,
        download_limit: limit("download_limit", &tier.download_limit)?,
        has_license,
        activation_limit: of_license("activation_limit", &tier.activation_limit)?,
        expires_after_days: of_license("expires_after_days", &tier.expires_after_days)?,
        license_policy: match has_license {
            true => tier.keys.policy(limit("keys.updates_days", &tier.keys.updates_days)?),
            false => LicensePolicy::default(),
        },
        includes: tier.included().iter().map(|name| TierRef::parse(name)).collect(),
        position: i as i64,
        is_archived: false,
    })
}

/// The key of a tier: the one that it has, the one that was typed, or one of its name.
fn key(i: usize, tier: &TierForm, before: &[TierDraft]) -> String {
    if !tier.known.is_empty() {
        return tier.known.clone();
    }
    let given = typed(&tier.key);
    if !given.is_empty() {
        return given;
    }
    let base = slugs::from_title(&tier.name).map_or_else(|| format!("tier-{}", i + 1), |slug| slug.as_str().chars().take(70).collect());
    let base = base.trim_end_matches('-');
    let numbered = (2..).map(|n| format!("{base}-{n}"));
    let is_free = |key: &String| !before.iter().any(|other| other.key == *key);
    std::iter::once(base.to_owned()).chain(numbered.take(MAX_VARIANTS)).find(is_free).unwrap_or_else(|| format!("tier-{}", i + 1))
}
