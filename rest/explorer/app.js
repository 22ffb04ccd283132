// The token is kept in memory alone: it is gone with the page.
SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#explorer',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null, // asks no other host
})
