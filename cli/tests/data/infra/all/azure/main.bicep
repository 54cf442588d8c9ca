// shop on Azure Functions: flex consumption, and a managed identity in place of every key.
//
//   az group create --name acme --location westeurope
//   az deployment group create --resource-group acme --template-file infra/azure/main.bicep --parameters clientId=CLIENT keyVault=VAULT atOld=WHERE atParcels=WHERE atScans=WHERE
//   cargo isobar build --azure
//   az functionapp deployment source config-zip --resource-group acme --name shop --src APP.ZIP
//   the second line again, with --parameters clientId=CLIENT keyVault=VAULT atOld=WHERE atParcels=WHERE atScans=WHERE eventSubscriptions=true
//
// Who deploys it assigns roles too: Owner of the resource group, or Role Based Access Control Administrator
// beside Contributor.

@description('The app. It is at NAME.azurewebsites.net, so that no other in Azure may have the name.')
param name string = 'shop'

@description('Where it runs. az functionapp list-flexconsumption-locations says what there is.')
param location string = 'westeurope'

@description('The most instances at once.')
param maximumInstanceCount int = 100

var suffix = uniqueString(resourceGroup().id, name)
var roles = 'Microsoft.Authorization/roleDefinitions'

// What the host keeps: the package, keys, locks, the schedules' state, the partitions' places.
resource storage 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: 'st${suffix}'
  location: location
  sku: {
    name: 'Standard_LRS'
  }
  kind: 'StorageV2'
  properties: {
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: storage
  name: 'default'
}

resource packages 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobService
  name: 'packages'
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'logs-${suffix}'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 30
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'insights-${suffix}'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${suffix}'
  location: location
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    functionAppConfig: {
      runtime: {
        name: 'custom'
        version: '1.0'
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packages.name}'
          authentication: {
            type: 'SystemAssignedIdentity'
          }
        }
      }
      scaleAndConcurrency: {
        maximumInstanceCount: maximumInstanceCount
        instanceMemoryMB: 2048
        alwaysReady: [
          {
            name: 'http'
            instanceCount: 2
          }
          {
            name: 'blob'
            instanceCount: 2
          }
          {
            name: 'function:hourly'
            instanceCount: 2
          }
          {
            name: 'function:invoices'
            instanceCount: 2
          }
          {
            name: 'function:legacy'
            instanceCount: 2
          }
          {
            name: 'function:news'
            instanceCount: 2
          }
          {
            name: 'function:orders'
            instanceCount: 2
          }
          {
            name: 'function:parcels'
            instanceCount: 2
          }
          {
            name: 'function:readings'
            instanceCount: 2
          }
          {
            name: 'function:users'
            instanceCount: 2
          }
        ]
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      appSettings: [
        {
          name: 'AzureWebJobsStorage__blobServiceUri'
          value: storage.properties.primaryEndpoints.blob
        }
        {
          name: 'APPLICATIONINSIGHTS_CONNECTION_STRING'
          value: insights.properties.ConnectionString
        }
        {
          name: 'APPLICATIONINSIGHTS_AUTHENTICATION_STRING'
          value: 'Authorization=AAD'
        }
        {
          name: 'AzureWebJobsStorage__queueServiceUri'
          value: storage.properties.primaryEndpoints.queue
        }
        {
          name: 'Cosmos__accountEndpoint'
          value: cosmos.properties.documentEndpoint
        }
        {
          name: 'EventHub__fullyQualifiedNamespace'
          value: '${hubsNamespace.name}.servicebus.windows.net'
        }
        {
          name: 'Old__fullyQualifiedNamespace'
          value: atOld
        }
        {
          name: 'Parcels__queueServiceUri'
          value: 'https://${atParcels}.queue.${environment().suffixes.storage}'
        }
        {
          name: 'Scans__blobServiceUri'
          value: 'https://${atScans}.blob.${environment().suffixes.storage}'
        }
        {
          name: 'Scans__queueServiceUri'
          value: 'https://${atScans}.queue.${environment().suffixes.storage}'
        }
        {
          name: 'ServiceBus__fullyQualifiedNamespace'
          value: '${bus.name}.servicebus.windows.net'
        }
        {
          name: 'DATABASE_URL'
          value: '@Microsoft.KeyVault(VaultName=${keyVault};SecretName=shop-database)'
        }
        {
          name: 'PAYMENT_KEY'
          value: '@Microsoft.KeyVault(VaultName=${keyVault};SecretName=shop-payment)'
        }
      ]
    }
  }
}

// Storage Blob Data Owner: the package, and what the host keeps.
resource storageRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, app.id, 'blobs')
  scope: storage
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b')
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

// Monitoring Metrics Publisher: what the host logs.
resource insightsRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, app.id, 'metrics')
  scope: insights
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, '3913510d-42f4-4e42-8a64-420c390055eb')
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

output functionAppName string = app.name
output hostName string = app.properties.defaultHostName

// ---- who may call

@description('The client id of the app registration in Entra ID that callers get their tokens for. Whoever of the tenant may get one may call, unless its enterprise application requires an assignment.')
param clientId string

resource auth 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: {
      enabled: true
    }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // what Event Grid calls has a key of its own
      excludedPaths: [
        '/runtime/webhooks/blobs'
      ]
    }
    httpSettings: {
      requireHttps: true
    }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [
            clientId
            'api://${clientId}'
          ]
        }
      }
    }
    login: {
      tokenStore: {
        enabled: false
      }
    }
  }
}

// ---- secrets, which are kept elsewhere: here stand their names

@description('The name of the key vault that has the secrets shop-database, shop-payment, which is not made here. The app, by its principalId, is to have the role Key Vault Secrets User there.')
param keyVault string

output principalId string = app.identity.principalId

// ---- queues of the storage account; a message that fails five times goes to its poison queue

var queues = [
  'orders'
]

resource queueService 'Microsoft.Storage/storageAccounts/queueServices@2023-05-01' = {
  parent: storage
  name: 'default'
}

resource queue 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [for each in queues: {
  parent: queueService
  name: each
}]

resource poison 'Microsoft.Storage/storageAccounts/queueServices/queues@2023-05-01' = [for each in queues: {
  parent: queueService
  name: '${each}-poison'
}]

// Storage Queue Data Reader: how many there are.
resource queueReader 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (each, at) in queues: {
  name: guid(queue[at].id, app.id, 'reader')
  scope: queue[at]
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, '19e7f393-937e-4f77-808e-94535e297925')
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
  }
}]

// Storage Queue Data Message Processor: taking and deleting them.
resource queueProcessor 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (each, at) in queues: {
  name: guid(queue[at].id, app.id, 'processor')
  scope: queue[at]
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, '8a0f0c08-91a1-4084-bc3d-661d67233fed')
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
  }
}]

// Storage Queue Data Message Sender: what failed.
resource poisonSender 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (each, at) in queues: {
  name: guid(poison[at].id, app.id, 'sender')
  scope: poison[at]
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, 'c6a89b2d-59bc-44d0-9896-0f6e12d7b80a')
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
  }
}]

// ---- Service Bus; a message that fails ten times goes to the dead letters of its queue or subscription

var busQueues = [
  'invoices'
]
var busTopics = [
  'news'
]
var busSubscriptions = [
  {
    topic: 'news'
    name: 'shop'
  }
]

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: 'bus-${suffix}'
  location: location
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource busQueue 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [for each in busQueues: {
  parent: bus
  name: each
  properties: {
    maxDeliveryCount: 10
    deadLetteringOnMessageExpiration: true
  }
}]

resource busTopic 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = [for each in busTopics: {
  parent: bus
  name: each
}]

resource busSubscription 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [for each in busSubscriptions: {
  name: '${bus.name}/${each.topic}/${each.name}'
  properties: {
    maxDeliveryCount: 10
    deadLetteringOnMessageExpiration: true
    deadLetteringOnFilterEvaluationExceptions: true
  }
  dependsOn: [
    busTopic
  ]
}]

// Azure Service Bus Data Receiver. It does not tell how many messages wait, so that one instance takes them
// while there are some; Data Owner lets the host count them, and add instances by it.
resource busQueueRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (each, at) in busQueues: {
  name: guid(busQueue[at].id, app.id, 'receiver')
  scope: busQueue[at]
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0')
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
  }
}]

resource busSubscriptionRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (each, at) in busSubscriptions: {
  name: guid(busSubscription[at].id, app.id, 'receiver')
  scope: busSubscription[at]
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0')
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
  }
}]

// ---- Event Hubs, which have no dead letters: after the retries that function.json has, the host moves on

var hubs = [
  'readings'
]

resource hubsNamespace 'Microsoft.EventHub/namespaces@2024-01-01' = {
  name: 'hubs-${suffix}'
  location: location
  sku: {
    name: 'Standard'
    tier: 'Standard'
    capacity: 1
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' = [for each in hubs: {
  parent: hubsNamespace
  name: each
  properties: {
    partitionCount: 4
    messageRetentionInDays: 7
  }
}]

// Azure Event Hubs Data Receiver.
resource hubRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (each, at) in hubs: {
  name: guid(hub[at].id, app.id, 'receiver')
  scope: hub[at]
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde')
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
  }
}]

// ---- blobs, of which Event Grid tells; what it cannot deliver in a day lies in the container of its dead letters

@description('Whether Event Grid tells of blobs: true once the program is deployed, since the host then makes the key of the endpoint, and answers what Event Grid asks it.')
param eventSubscriptions bool = false

var containers = [
  'uploads'
]
var blobTriggers = [
  {
    function: 'uploads'
    container: 'uploads'
    prefix: 'in/'
  }
]
var told = eventSubscriptions ? blobTriggers : []

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = [for each in containers: {
  parent: blobService
  name: each
}]

resource deadLetters 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobService
  name: 'event-grid-dead-letters'
}

// Storage Queue Data Contributor: the host makes queues of its own for blobs, and for those that fail five times.
resource blobQueuesRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(storage.id, app.id, 'queues')
  scope: storage
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, '974c5e8b-45b9-4653-ba55-5f855dd0fb88')
    principalId: app.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

resource blobTopic 'Microsoft.EventGrid/systemTopics@2022-06-15' = {
  name: 'blobs-${suffix}'
  location: location
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    source: storage.id
    topicType: 'Microsoft.Storage.StorageAccounts'
  }
}

// Storage Blob Data Contributor, of Event Grid's own identity.
resource deadLettersRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(deadLetters.id, blobTopic.id, 'blobs')
  scope: deadLetters
  properties: {
    roleDefinitionId: subscriptionResourceId(roles, 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
    principalId: blobTopic.identity.principalId
    principalType: 'ServicePrincipal'
  }
}

resource blobSubscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2022-06-15' = [for each in told: {
  parent: blobTopic
  name: 'on-${replace(each.function, '_', '-')}'
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: {
      endpointType: 'WebHook'
      properties: {
        endpointUrl: 'https://${app.properties.defaultHostName}/runtime/webhooks/blobs?functionName=Host.Functions.${each.function}&code=${listKeys('${app.id}/host/default', '2024-04-01').systemKeys.blobs_extension}'
      }
    }
    filter: {
      includedEventTypes: [
        'Microsoft.Storage.BlobCreated'
      ]
      subjectBeginsWith: '/blobServices/default/containers/${each.container}/blobs/${each.prefix}'
    }
    retryPolicy: {
      maxDeliveryAttempts: 30
      eventTimeToLiveInMinutes: 1440
    }
    deadLetterWithResourceIdentity: {
      identity: {
        type: 'SystemAssigned'
      }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: {
          resourceId: storage.id
          blobContainerName: deadLetters.name
        }
      }
    }
  }
  dependsOn: [
    deadLettersRole
  ]
}]

// ---- Cosmos DB; after the retries that function.json has, the host moves on: there are no dead letters

var databases = [
  'crm'
]
var collections = [
  {
    database: 'crm'
    name: 'people'
  }
]

resource cosmos 'Microsoft.DocumentDB/databaseAccounts@2024-05-15' = {
  name: 'cosmos-${suffix}'
  location: location
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [
      {
        name: 'EnableServerless'
      }
    ]
    locations: [
      {
        locationName: location
        failoverPriority: 0
      }
    ]
    disableLocalAuth: true
    minimalTlsVersion: 'Tls12'
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-05-15' = [for each in databases: {
  parent: cosmos
  name: each
  properties: {
    resource: {
      id: each
    }
  }
}]

// Another partition key is set here, before the first deployment.
resource collection 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-05-15' = [for each in collections: {
  name: '${cosmos.name}/${each.database}/${each.name}'
  properties: {
    resource: {
      id: each.name
      partitionKey: {
        paths: [
          '/id'
        ]
        kind: 'Hash'
      }
    }
  }
  dependsOn: [
    database
  ]
}]

// Where the host keeps how far it has come. An identity cannot make it.
resource leases 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-05-15' = [for (each, at) in databases: {
  parent: database[at]
  name: 'leases'
  properties: {
    resource: {
      id: 'leases'
      partitionKey: {
        paths: [
          '/id'
        ]
        kind: 'Hash'
      }
    }
  }
}]

// Cosmos DB Built-in Data Contributor: the leases are written.
resource cosmosRole 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-05-15' = [for (each, at) in databases: {
  parent: cosmos
  name: guid(database[at].id, app.id, 'contributor')
  properties: {
    roleDefinitionId: '${cosmos.id}/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002'
    principalId: app.identity.principalId
    scope: '${cosmos.id}/dbs/${each}'
  }
}]

@description('Old, which is not made here: a namespace, NAME.servicebus.windows.net, with the role Azure Service Bus Data Receiver.')
param atOld string

@description('Parcels, which is not made here: a storage account\'s name; its queues and their poison queues are to be there, with the roles Storage Queue Data Reader, Message Processor and Message Sender.')
param atParcels string

@description('Scans, which is not made here: a storage account\'s name; it is to have the roles Storage Blob Data Owner and Storage Queue Data Contributor, and a subscription of Event Grid.')
param atScans string
