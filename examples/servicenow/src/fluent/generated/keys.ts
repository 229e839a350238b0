import '@servicenow/sdk/global'

declare global {
    namespace Now {
        namespace Internal {
            interface Keys extends KeysRegistry {
                explicit: {
                    auth: {
                        table: 'sys_properties'
                        id: '881ec5a147334837b51b34ae48e0b732'
                    }
                    bom_json: {
                        table: 'sys_module'
                        id: '18109161366e49d1bee1a3419c1f07d1'
                    }
                    credential: {
                        table: 'sys_alias'
                        id: '292fe3d73af640aab5c4b998a91832a7'
                    }
                    'credential-alias': {
                        table: 'sys_properties'
                        id: 'ff7201c97884484daaf203d8bf5807ef'
                    }
                    'drain-outbox': {
                        table: 'sysauto_script'
                        id: 'e2c2de86491b44ea9b7bcf9e7c6cf357'
                    }
                    gateway: {
                        table: 'sys_script_include'
                        id: 'ba3613fa2cb04fd3bcdf6eb35f40c159'
                    }
                    'gateway-url': {
                        table: 'sys_properties'
                        id: '3d9a915ea94f49d58f1779e576697432'
                    }
                    package_json: {
                        table: 'sys_module'
                        id: 'd94484d82eab4efd96a8122b4f88bdd5'
                    }
                    'send-review': {
                        table: 'sys_script'
                        id: '23036a512369473ab6ebf29d42d0e127'
                    }
                    source: {
                        table: 'sys_properties'
                        id: '087ea2d5ac9b46f7856969fa15eba2c7'
                    }
                    timeout: {
                        table: 'sys_properties'
                        id: 'c32df5d30cf84ce5b04978c9039ef9c2'
                    }
                }
                composite: [
                    {
                        table: 'sys_documentation'
                        id: '016182bbc5324a7d962020c3a4aa1419'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'reviewed_at'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '016666626b674110854e1ff3ba75c102'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'body'
                        }
                    },
                    {
                        table: 'sys_db_object'
                        id: '12b9994e0cd1431084d6c95940c6211d'
                        key: {
                            name: 'x_acme_wfm_review'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '189dbd1252a44acdafcd5dcae7e6af6a'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'refused'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '243172c4d5fd4e4b8f055c1e5650ce94'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'error'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '2433f9af972b446eb931fd6593a9ac20'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'evaluation_form'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '2679edbcb389404881a86d2e78dda340'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'refused'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '2f31dae2c4cf456da2450d27f95c9627'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'NULL'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '352a5ac69b8a4e71adbf59a19c928c6d'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'score'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '3dd7ebea893e466f863bf24cf74c195e'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'error'
                        }
                    },
                    {
                        table: 'sys_index'
                        id: '4bc3c1cd85764855afb2ad113196808a'
                        key: {
                            logical_table_name: 'x_acme_wfm_outbox'
                            col_name_string: 'key'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: '5e1c90f9478541ecb5a88de99c1c17a5'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'agent'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '66021c50293a4ec6950d0038014c601a'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'reviewed_at'
                        }
                    },
                    {
                        table: 'ua_table_licensing_config'
                        id: '73142ce173174afa968c552a6cf16a2d'
                        key: {
                            name: 'x_acme_wfm_outbox'
                        }
                    },
                    {
                        table: 'ua_table_licensing_config'
                        id: '7525d727b01841f0b37d8b97530f07c7'
                        key: {
                            name: 'x_acme_wfm_review'
                        }
                    },
                    {
                        table: 'sys_number'
                        id: '7ae507fc5e02422b8a55b0fa3b2aaddc'
                        key: {
                            category: 'x_acme_wfm_review'
                            prefix: 'QR'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: '7ca8027ba35c4e12a9f3f41fc7e5f07a'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'key'
                        }
                    },
                    {
                        table: 'sys_db_object'
                        id: '9091b89880774501a9b59a978949648d'
                        key: {
                            name: 'x_acme_wfm_outbox'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a36ab8e4540b4ac6b6d28c9add24aaf2'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'NULL'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'a5c3aeea8983476e9fb1acd95ab350f3'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'number'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'b495c266f4ce4b2a9d6fd64d9abb0799'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'key'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'c1a14e638a974a8ba4a3448c693770f8'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'agent'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'ca8a2ee5233749738eecf0eb30b2aefe'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'evaluation_form'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'd3395f6f5ac54cf689a3955e7e7942bd'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'score'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd52e0fafe05c4e688ca05771a7d96721'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'number'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'd8e5cf5601334a02aa7fb3df320a95b9'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'comments'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'e47420b3224445618372b362d7b7527e'
                        key: {
                            name: 'x_acme_wfm_review'
                            element: 'comments'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'ebf2f62bd6724a0bbc2493a48d19a8ea'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'body'
                            language: 'en'
                        }
                    },
                    {
                        table: 'sys_dictionary'
                        id: 'f2b3949a5c8a4d738651794dbc0785b5'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'NULL'
                        }
                    },
                    {
                        table: 'sys_documentation'
                        id: 'fae2852f347947d5ae5c616e7d20498f'
                        key: {
                            name: 'x_acme_wfm_outbox'
                            element: 'NULL'
                            language: 'en'
                        }
                    },
                ]
            }
        }
    }
}
