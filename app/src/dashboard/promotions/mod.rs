//! The list of promotions: what each gives, where it stands, what it has brought.

use crate::components::Day;
use crate::dashboard::frame::{Frame, refused};
use crate::dashboard::promotions::acts::{LIST, UnarchivePromotion};
use crate::error::AppError;
use crate::layout::{load_store, page_title, request, with_query};
use domain::member::{MemberView, Permission};
use domain::promotion::{PromotionList, PromotionState, PromotionView};
use domain::word::Word;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_query_map;
use serde::{Deserialize, Serialize};

pub mod acts;
pub mod one;

/// A page of promotions, and who is looking at it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promotions {
    pub member: MemberView,
    pub list: PromotionList,
}

/// For members who may see sales.
#[server(prefix = "/_fn", endpoint = "get_promotions")]
pub async fn get_promotions(q: String, state: String, cursor: String) -> Result<Promotions, AppError> {
    let (shop, member) = request::viewer(Permission::SeeSales).await?;
    let filled = |text: String| Some(text).filter(|text| !text.is_empty());
    let query =
        shop::checkout::promotions::PromotionQuery { state: state.parse::<PromotionState>().ok(), q: filled(q), cursor: filled(cursor) };
    Ok(Promotions { member, list: shop::checkout::promotions::list(&shop, &query).await? })
}

#[component]
pub fn PromotionsPage() -> impl IntoView {
    let query = use_query_map();
    let asked = move |name: &str| query.with_untracked(|query| query.get(name).unwrap_or_default());
    let (q, state, cursor, undo) = (asked("q"), asked("state"), asked("cursor"), asked("undo"));
    view! {
        <Meta name="robots" content="noindex"/>
        <Suspense>
            {Suspend::new(async move {
                let store = load_store().await;
                match get_promotions(q.clone(), state.clone(), cursor.clone()).await {
                    Ok(Promotions { member, list }) => {
                        let may_edit = member.role.may(Permission::EditPromotions);
                        let may_see_orders = member.role.may(Permission::SeeOrders);
                        view! {
                            <Title text=page_title("Promotions", &store)/>
                            <Frame member here=LIST>
                                {(may_edit && is_id(&undo)).then(|| view! {
                                    <form class="undo" method="post" action=UnarchivePromotion::PATH>
                                        <input type="hidden" name="id" value=undo.clone()/>
                                        <button class="button plain" type="submit">"Undo"</button>
                                    </form>
                                })}
                                <div class="page-head">
                                    <h1>"Promotions"</h1>
                                    {may_edit.then(|| view! { <a class="button" href="/dashboard/promotions/new">"New promotion"</a> })}
                                </div>
                                <Page list q state cursor may_edit may_see_orders/>
                            </Frame>
                        }.into_any()
                    }
                    Err(error) => refused(error),
                }
            })}
        </Suspense>
    }
}

/// An id as our own addresses have it.
fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[component]
fn Filter(q: String, state: String) -> impl IntoView {
    view! {
        <form class="filter" method="get" action=LIST role="search" aria-label="Promotions">
            <div class="field">
                <label for="q">"Search"</label>
                <input class="input" id="q" name="q" type="search" value=q maxlength="80" placeholder="Name or code"/>
            </div>
            <div class="field">
                <label for="state">"Status"</label>
                <select class="input" id="state" name="state">
                    <option value="" selected=state.is_empty()>"Any"</option>
                    {PromotionState::all().map(|known| view! {
                        <option value=known.as_str() selected=known.as_str() == state>{state_word(known)}</option>
                    }).collect_view()}
                </select>
            </div>
            <button class="button plain" type="submit">"Apply"</button>
        </form>
    }
}

/// Where a promotion stands, as a person says it.
pub(super) fn state_word(state: PromotionState) -> &'static str {
    match state {
        PromotionState::Active => "Active",
        PromotionState::Scheduled => "Scheduled",
        PromotionState::Expired => "Expired",
        PromotionState::UsedUp => "Used up",
        PromotionState::Archived => "Archived",
    }
}

#[component]
pub fn StateMark(state: PromotionState) -> impl IntoView {
    let class = match state {
        PromotionState::Active => "status-good",
        PromotionState::Scheduled => "status-waiting",
        PromotionState::Expired | PromotionState::UsedUp | PromotionState::Archived => "",
    };
    view! { <span class=format!("status {class}")>{state_word(state)}</span> }
}

#[component]
fn Page(list: PromotionList, q: String, state: String, cursor: String, may_edit: bool, may_see_orders: bool) -> impl IntoView {
    if list.promotions.is_empty() {
        let is_filtered = !(q.is_empty() && state.is_empty() && cursor.is_empty());
        return if is_filtered {
            view! {
                <Filter q state/>
                <p class="quiet mt-6">"No promotions found."</p>
                <p class="mt-4"><a href=LIST>"Show all promotions"</a></p>
            }
            .into_any()
        } else {
            view! {
                <div class="empty">
                    <h2>"No promotion yet"</h2>
                    <p>
                        "Give your readers a code, or let a launch price apply automatically to the first fifty orders. You see here \
                         what each one sold."
                    </p>
                    {may_edit.then(|| view! { <a class="button" href="/dashboard/promotions/new">"Create the first one"</a> })}
                </div>
            }
            .into_any()
        };
    }
    let at = |cursor: &str| with_query(LIST, &[("q", &q), ("state", &state), ("cursor", cursor)]);
    let first = at("");
    let next = list.next_cursor.as_deref().map(at);
    view! {
        <Filter q=q.clone() state=state.clone()/>
        <div class="table-frame" tabindex="0" role="region" aria-label="Promotions">
            <table class="table promotions rows-open">
                <thead>
                    <tr>
                        <th scope="col">"Promotion"</th>
                        <th scope="col">"Discount"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col" class="number">"Used"</th>
                        <th scope="col" class="number">"Sold with it"</th>
                        <th scope="col" class="number">"Discounts"</th>
                    </tr>
                </thead>
                <tbody>{list.promotions.into_iter().map(|promotion| view! { <Row promotion may_see_orders/> }).collect_view()}</tbody>
            </table>
        </div>
        <nav class="pager" aria-label="Pages">
            {(!cursor.is_empty()).then(|| view! { <a href=first>"Newest"</a> })}
            {next.map(|url| view! { <a href=url rel="next">"Older"</a> })}
        </nav>
    }
    .into_any()
}

#[component]
fn Row(promotion: PromotionView, may_see_orders: bool) -> impl IntoView {
    let code = promotion.code.clone().filter(|code| *code != promotion.name);
    let is_automatic = promotion.code.is_none();
    let used = uses(&promotion);
    let orders = orders_url(&promotion);
    let (starts_at, expires_at) = (promotion.starts_at, promotion.expires_at);
    view! {
        <tr>
            <td>
                <a class="row-link" href=format!("{LIST}/{}", promotion.id)>{promotion.name.clone()}</a>
                {code.map(|code| view! { " "<span class="mono quiet">{code}</span> })}
                {is_automatic.then(|| view! { " "<span class="quiet">"applies by itself"</span> })}
            </td>
            <td>{gives(&promotion)}</td>
            <td>
                <StateMark state=promotion.state/>
                {match promotion.state {
                    PromotionState::Scheduled => starts_at.map(|at| view! {
                        <span class="quiet text-sm">" from "<Day at_ms=at/></span>
                    }.into_any()),
                    PromotionState::Active => expires_at.map(|at| view! {
                        <span class="quiet text-sm">" until "<Day at_ms=at/></span>
                    }.into_any()),
                    PromotionState::Expired => expires_at.map(|at| view! {
                        <span class="quiet text-sm">" since "<Day at_ms=at/></span>
                    }.into_any()),
                    _ => None,
                }}
            </td>
            <td class="number">
                {if may_see_orders && promotion.n_redeemed > 0 {
                    view! { <a href=orders aria-label=format!("Orders with {}: {used}", promotion.name)>{used.clone()}</a> }.into_any()
                } else {
                    used.into_any()
                }}
            </td>
            <td class="number">{promotion.sold.to_string()}</td>
            <td class="number">{promotion.given.to_string()}</td>
        </tr>
    }
}

/// How often it was used, and may be.
pub(super) fn uses(promotion: &PromotionView) -> String {
    match promotion.max_redemptions {
        Some(limit) => format!("{} of {limit}", promotion.n_redeemed),
        None => promotion.n_redeemed.to_string(),
    }
}

/// The orders that were placed with it.
pub(super) fn orders_url(promotion: &PromotionView) -> String {
    with_query("/dashboard/orders", &[("promotion", promotion.code.as_ref().unwrap_or(&promotion.id))])
}

/// What it gives, and for what.
pub(super) fn gives(promotion: &PromotionView) -> String {
    let goods = match &promotion.goods {
        None => "everything".to_owned(),
        Some(goods) => match goods.as_slice() {
            [] => "goods that are gone".to_owned(),
            [good] => match &good.variant_name {
                Some(variant) => format!("{}, {variant}", good.title),
                None => good.title.clone(),
            },
            goods => format!("{} goods", goods.len()),
        },
    };
    let minimum = promotion.minimum.map(|minimum| format!(" from {minimum}")).unwrap_or_default();
    let once = if promotion.once_per_customer { ", once per customer" } else { "" };
    format!("{} off {goods}{minimum}{once}", promotion.reduction)
}

#[cfg(test)]
mod tests {
    use super::is_id;

    #[test]
    fn only_an_id_is_undone() {
        assert!(is_id("0193a7e0c0de7000800000000000abcd"));
        assert!(!is_id("../orders") && !is_id(""));
    }
}
