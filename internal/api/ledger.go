package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// getLedger answers with all equations. That they do not hold is no failure of the
// request: the answer says so in adds_up.
func (s *Server) getLedger(c *gin.Context) {
	if reject(c, newParams(c.Request.URL.RawQuery)) {
		return
	}
	c.JSON(http.StatusOK, s.deps.Ledger.Ledger())
}
