// Package isp is what an internet provider knows and decides: the directory of its clients and their search, its
// plans and catalogues, and the rules that every face of the facade shares.
//
// A [Provider] joins the rooms below ([wisphub.API], [cache.Cache]) and hands out one service a noun. Records are
// converted once, when they come in, into types that the faces read as they are: "" is no text, the zero [Decimal]
// no amount, the zero [Date] and [time.Time] no date. Values handed out are shared and must not be changed.
//
// Callers meet three kinds of error: [*InputError] (theirs to correct), [ErrAmbiguous], and [*FetchError], which says
// what could not be had from WispHub and, by errors.Is, why. A look-up that finds nothing is nil without an error.
//
// The package knows neither HTTP nor GraphQL, and not who asks.
package isp
