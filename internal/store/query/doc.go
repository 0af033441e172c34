// Package query turns the filters, orders and pages of lists into SQL and reads a page
// with its total.
//
// A list is read in one read transaction, so that items and total agree. A cursor points
// behind a row by the values of its sort keys, so that rows inserted later do not shift
// the pages that follow. Errors about the query itself are *models.QueryError.
//
// Functions may be called from any goroutine; a Where belongs to one goroutine.
package query
