// shop on Azure Functions: flex consumption, and a managed identity in place of every key.
//
//   az group create --name shop --location LOCATION
//   az deployment group create --resource-group shop --template-file infra/azure/main.bicep --parameters keyVault=VAULT
//   cargo isobar build --azure
//   az functionapp deployment source config-zip --resource-group shop --name shop --src APP.ZIP
//
// Who deploys it assigns roles too: Owner of the resource group, or Role Based Access Control Administrator
// beside Contributor.

@description('The app. It is at NAME.azurewebsites.net, so that no other in Azure may have the name.')
param name string = 'shop'

@description('Where it runs. az functionapp list-flexconsumption-locations says what there is.')
param location string = resourceGroup().location

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
        instanceMemoryMB: 512
        triggers: {
          http: {
            perInstanceConcurrency: 80
          }
        }
        alwaysReady: [
          {
            name: 'http'
            instanceCount: 1
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
          name: 'GREETING'
          value: 'it\'s "\${hi}"\n\\'
        }
        {
          name: 'DATABASE_URL'
          value: '@Microsoft.KeyVault(VaultName=${keyVault};SecretName=shop-database)'
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

// ---- secrets, which are kept elsewhere: here stand their names

@description('The name of the key vault that has the secrets shop-database, which is not made here. The app, by its principalId, is to have the role Key Vault Secrets User there.')
param keyVault string

output principalId string = app.identity.principalId
