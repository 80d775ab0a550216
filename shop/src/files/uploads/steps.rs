//! The steps of an upload's row. Each is one statement that names the states which it leaves, and says whether it was taken.

use crate::base::database::shared_now_ms;
use crate::base::entities::upload::{Column, Entity};
use crate::{Refusal, Result, Shop};
use domain::id::Id;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, UpdateMany};

/// Who puts the parts together has this long to show that it still does.
const LEASE_MS: i64 = 2 * 60 * 1000;

const OPEN: &str = "open";
const FINISHING: &str = "finishing";
const DONE: &str = "done";
const REFUSED: &str = "refused";
const SWEPT: &str = "swept";

fn step(id: Id) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::Id.eq(id))
}

async fn taken(step: UpdateMany<Entity>, db: &impl ConnectionTrait) -> Result<bool> {
    Ok(step.exec(db).await?.rows_affected == 1)
}

/// Whoever was putting the parts together does so no more.
fn is_given_up(now: i64) -> Condition {
    Condition::all().add(Column::State.eq(FINISHING)).add(Column::LeaseUntil.lte(now))
}

/// Notes that a part came; only an open upload takes one.
pub(super) async fn touch(db: &impl ConnectionTrait, id: Id, now: i64) -> Result<bool> {
    taken(step(id).col_expr(Column::TouchedAt, Expr::value(now)).filter(Column::State.eq(OPEN)), db).await
}

/// Takes the upload in hand, unless somebody else has it.
pub(super) async fn lease(shop: &Shop, id: Id) -> Result<bool> {
    let now = shared_now_ms(&shop.db, shop).await?;
    let lease = step(id)
        .col_expr(Column::State, Expr::value(FINISHING))
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE_MS))
        .col_expr(Column::TouchedAt, Expr::value(now))
        .filter(Condition::any().add(Column::State.eq(OPEN)).add(is_given_up(now)));
    taken(lease, &shop.db).await
}

/// Shows that the one who has the upload still works on it.
pub(super) async fn renew_lease(shop: &Shop, id: Id) -> Result<()> {
    let until = shared_now_ms(&shop.db, shop).await? + LEASE_MS;
    step(id).col_expr(Column::LeaseUntil, Expr::value(until)).filter(Column::State.eq(FINISHING)).exec(&shop.db).await?;
    Ok(())
}

/// Gives the upload back, to be finished again.
pub(super) async fn end_lease(shop: &Shop, id: Id) -> Result<()> {
    step(id).col_expr(Column::LeaseUntil, Expr::value(0i64)).filter(Column::State.eq(FINISHING)).exec(&shop.db).await?;
    Ok(())
}

/// Ends the upload as a file; `false` where another has done so.
pub(super) async fn end(tx: &impl ConnectionTrait, id: Id) -> Result<bool> {
    let end = step(id)
        .col_expr(Column::State, Expr::value(DONE))
        .col_expr(Column::LeaseUntil, Expr::value(0i64))
        .filter(Column::State.eq(FINISHING));
    taken(end, tx).await
}

/// Notes which file it became.
pub(super) async fn note_file(tx: &impl ConnectionTrait, id: Id, file_id: Id) -> Result<()> {
    step(id).col_expr(Column::FileId, Expr::value(file_id)).exec(tx).await?;
    Ok(())
}

/// Ends the upload for what its bytes are.
pub(super) async fn refuse(shop: &Shop, id: Id, refusal: &Refusal) -> Result<bool> {
    let refuse = step(id)
        .col_expr(Column::State, Expr::value(REFUSED))
        .col_expr(Column::LeaseUntil, Expr::value(0i64))
        .col_expr(Column::RefusalCode, Expr::value(refusal.code))
        .col_expr(Column::RefusalText, Expr::value(refusal.message.as_str()))
        .filter(Column::State.eq(FINISHING));
    taken(refuse, &shop.db).await
}

/// Gives the upload up; one that is finished, or is being finished, stays.
pub(super) async fn cancel(shop: &Shop, id: Id) -> Result<bool> {
    let now = shared_now_ms(&shop.db, shop).await?;
    let cancel = step(id)
        .col_expr(Column::State, Expr::value(SWEPT))
        .filter(Condition::any().add(Column::State.is_in([OPEN, REFUSED])).add(is_given_up(now)));
    taken(cancel, &shop.db).await
}

/// Uploads that nobody has touched since, and nobody works on.
pub(super) fn is_left(since: i64, now: i64) -> Condition {
    Condition::all().add(Column::TouchedAt.lte(since)).add(Column::LeaseUntil.lte(now))
}

/// From here on it takes no parts and is not finished. One that is done keeps its state until its row goes.
pub(super) async fn sweep(shop: &Shop, id: Id, left: Condition) -> Result<bool> {
    let state = Expr::case(Expr::col(Column::State).eq(DONE), DONE).finally(SWEPT);
    taken(step(id).col_expr(Column::State, state.into()).filter(left), &shop.db).await
}

/// What is on its way to a release that goes has no place any more: it is refused, and the rounds throw it away.
pub(crate) async fn leave_release(tx: &impl ConnectionTrait, release_id: Id) -> Result<()> {
    let of_release = || Entity::update_many().filter(Column::ReleaseId.eq(release_id));
    of_release()
        .col_expr(Column::State, Expr::value(REFUSED))
        .col_expr(Column::RefusalCode, Expr::value("release_discarded"))
        .col_expr(Column::RefusalText, Expr::value("The release that this file was for was discarded."))
        .filter(Column::State.is_in([OPEN, FINISHING]))
        .exec(tx)
        .await?;
    of_release().col_expr(Column::ReleaseId, Expr::value(None::<Id>)).exec(tx).await?;
    Ok(())
}
