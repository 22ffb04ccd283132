// persistAuthorization is off so that closing the page forgets the token.
SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#explorer',
  deepLinking: true,
  persistAuthorization: false,
  validatorUrl: null, // the default validator is on another host
})
